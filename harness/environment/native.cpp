#include "harness/environment/native.hpp"

#include "bench/error.hpp"
#include "harness/environment/own_devices.hpp"
#include "harness/lab/lab_site.hpp"

namespace migbench {
namespace {

/// On an emulated host: with the card that others give to their guests.
class NativeOnCard : public NativeInstance {
 public:
  NativeOnCard(Node& node, const lab::LabNode& machine) : NativeInstance(node), card_(machine) {}
  [[nodiscard]] std::vector<std::string> rdma_labels() const override { return {kSoftRoceLabel}; }

 private:
  lab::CardInUse card_;
};

class Native : public Environment {
 public:
  [[nodiscard]] std::string_view name() const override { return "native"; }
  [[nodiscard]] std::string_view summary() const override {
    return "on the node itself: what every other environment is compared with";
  }
  [[nodiscard]] Support check(const Site* /*site*/) const override { return std::nullopt; }
  [[nodiscard]] std::unique_ptr<Instance> bring_up(Site& /*site*/,
                                                   const InstanceRequest& request) const override {
    if (request.node == nullptr) throw Error("native: no node was given");
    if (const auto* machine = lab::as_lab(request.node))
      return std::make_unique<NativeOnCard>(*request.node, *machine);
    return std::make_unique<NativeInstance>(*request.node);
  }
};

}  // namespace

nlohmann::json NativeInstance::facts() const {
  nlohmann::json facts = node_.facts();
  facts["environment"] = "native";
  facts["node"] = node_.name();
  return facts;
}

MIGBENCH_REGISTER(Environment, Native);

}  // namespace migbench
