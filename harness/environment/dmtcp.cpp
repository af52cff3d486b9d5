// The environment `dmtcp`: native processes under DMTCP, the user-space checkpointer that is alive.
#include "harness/migration/dmtcp.hpp"

#include "harness/environment/checkpointed.hpp"

namespace migbench {
namespace {

class Dmtcp : public Environment {
 public:
  [[nodiscard]] std::string_view name() const override { return "dmtcp"; }
  [[nodiscard]] std::string_view summary() const override {
    return "on the node itself under dmtcp_launch, with a coordinator at the head";
  }
  [[nodiscard]] Support check(const Site* /*site*/) const override { return check_dmtcp(); }
  [[nodiscard]] std::unique_ptr<Instance> bring_up(Site& site,
                                                   const InstanceRequest& request) const override {
    if (request.node == nullptr) throw Error("dmtcp: no node was given");
    return make_dmtcp_instance(site, *request.node);
  }
};

MIGBENCH_REGISTER(Environment, Dmtcp);

}  // namespace
}  // namespace migbench
