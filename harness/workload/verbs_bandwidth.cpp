// verbs-bandwidth: bytes a second of RDMA operations, in one direction or both, below MPI.
#include "harness/environment/own_devices.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/parameter.hpp"
#include "harness/workload/sizes.hpp"
#include "harness/workload/verbs.hpp"

namespace migbench {
namespace {

constexpr std::string_view kVerbsBandwidth = "migbench-verbs-bandwidth";

class VerbsBandwidth : public Workload, public NeedsRdma {
 public:
  [[nodiscard]] std::string_view name() const override { return "verbs-bandwidth"; }
  [[nodiscard]] std::string_view summary() const override {
    return "RDMA bandwidth between two processes with queues that are never empty";
  }
  [[nodiscard]] Support check(const Site* site) const override { return check_verbs(site); }
  [[nodiscard]] Support check_but_device(const Site* /*site*/) const override {
    return check_verbs_programs();
  }
  [[nodiscard]] nlohmann::json defaults() const override {
    auto defaults = verbs_defaults("1KiB,16KiB,256KiB,4MiB");
    defaults["bidirectional"] = false;
    return defaults;
  }
  [[nodiscard]] Job job(const nlohmann::json& parameters) const override {
    Job job = verbs_job("bandwidth", parameters);
    if (parameter<bool>(parameters, "bidirectional"))
      job.program.argv.emplace_back("--bidirectional");
    return job;
  }
  [[nodiscard]] std::vector<Metric> metrics(const nlohmann::json& parameters,
                                            const Finished& finished) const override {
    return metrics_by_size(kVerbsBandwidth, parameters, finished, "bandwidth", Better::higher);
  }
  [[nodiscard]] nlohmann::json document(const Finished& finished) const override {
    return find_driver_document(finished, kVerbsBandwidth);
  }
};

MIGBENCH_REGISTER(Workload, VerbsBandwidth);

}  // namespace
}  // namespace migbench
