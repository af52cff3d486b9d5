// verbs-latency: half a round trip of an RDMA operation, below MPI.
#include "harness/environment/own_devices.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/sizes.hpp"
#include "harness/workload/verbs.hpp"

namespace migbench {
namespace {

constexpr std::string_view kVerbsLatency = "migbench-verbs-latency";

class VerbsLatency : public Workload, public NeedsRdma {
 public:
  [[nodiscard]] std::string_view name() const override { return "verbs-latency"; }
  [[nodiscard]] std::string_view summary() const override {
    return "half the time of an RDMA round trip between two processes, by message size";
  }
  [[nodiscard]] Support check(const Site* site) const override { return check_verbs(site); }
  [[nodiscard]] Support check_but_device(const Site* /*site*/) const override {
    return check_verbs_programs();
  }
  [[nodiscard]] nlohmann::json defaults() const override {
    return verbs_defaults("2,64,1KiB,16KiB,256KiB,4MiB");
  }
  [[nodiscard]] Job job(const nlohmann::json& parameters) const override {
    return verbs_job("latency", parameters);
  }
  [[nodiscard]] std::vector<Metric> metrics(const nlohmann::json& parameters,
                                            const Finished& finished) const override {
    return metrics_by_size(kVerbsLatency, parameters, finished, "latency", Better::lower);
  }
  [[nodiscard]] nlohmann::json document(const Finished& finished) const override {
    return find_driver_document(finished, kVerbsLatency);
  }
};

MIGBENCH_REGISTER(Workload, VerbsLatency);

}  // namespace
}  // namespace migbench
