// mpi-latency: half the time of a round trip between two ranks.
#include "harness/workload/pingpong.hpp"

namespace migbench {
namespace {

class MpiLatency : public Workload {
 public:
  [[nodiscard]] std::string_view name() const override { return "mpi-latency"; }
  [[nodiscard]] std::string_view summary() const override {
    return "half the time of an MPI round trip between two ranks, by message size";
  }
  [[nodiscard]] Support check(const Site* /*site*/) const override { return check_pingpong(); }
  [[nodiscard]] nlohmann::json defaults() const override {
    return pingpong_defaults("0,8,1KiB,16KiB,256KiB,4MiB", "blocking");
  }
  [[nodiscard]] Job job(const nlohmann::json& parameters) const override {
    return pingpong_job("latency", parameters);
  }
  [[nodiscard]] std::vector<Metric> metrics(const nlohmann::json& parameters,
                                            const Finished& finished) const override {
    return pingpong_metrics(parameters, finished, "latency", Better::lower);
  }
  [[nodiscard]] nlohmann::json document(const Finished& finished) const override {
    return pingpong_document(finished);
  }
};

MIGBENCH_REGISTER(Workload, MpiLatency);

}  // namespace
}  // namespace migbench
