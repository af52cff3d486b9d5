#include "harness/environment/native.hpp"

#include "bench/error.hpp"

namespace migbench {
namespace {

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
