// The environment `blcr`: native processes under Berkeley Lab Checkpoint/Restart, and MPI jobs of
// an Open MPI with its BLCR plug-in. What being movable costs is what it costs against `native`.
#include "harness/migration/blcr.hpp"

#include "harness/environment/checkpointed.hpp"

namespace migbench {
namespace {

class Blcr : public Environment {
 public:
  [[nodiscard]] std::string_view name() const override { return "blcr"; }
  [[nodiscard]] std::string_view summary() const override {
    return "on the node itself under BLCR's cr_run, MPI with ft-enable-cr";
  }
  [[nodiscard]] Support check(const Site* /*site*/) const override { return check_blcr(); }
  [[nodiscard]] std::unique_ptr<Instance> bring_up(Site& site,
                                                   const InstanceRequest& request) const override {
    if (request.node == nullptr) throw Error("blcr: no node was given");
    return std::make_unique<CheckpointedInstance>(site, *request.node, "blcr",
                                                  std::vector<std::string>{"cr_run"},
                                                  std::vector<std::string>{"-am", "ft-enable-cr"});
  }
};

MIGBENCH_REGISTER(Environment, Blcr);

}  // namespace
}  // namespace migbench
