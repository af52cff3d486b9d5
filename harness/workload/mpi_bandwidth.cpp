// mpi-bandwidth: bytes a second between two ranks, in one direction or both.
#include <fmt/format.h>

#include "harness/workload/parameter.hpp"
#include "harness/workload/pingpong.hpp"

namespace migbench {
namespace {

class MpiBandwidth : public Workload {
 public:
  [[nodiscard]] std::string_view name() const override { return "mpi-bandwidth"; }
  [[nodiscard]] std::string_view summary() const override {
    return "MPI bandwidth between two ranks with a window of messages on their way";
  }
  [[nodiscard]] Support check(const Site* /*site*/) const override { return check_pingpong(); }
  [[nodiscard]] nlohmann::json defaults() const override {
    auto defaults = pingpong_defaults("1KiB,16KiB,256KiB,4MiB", "nonblocking");
    defaults["window"] = 64;
    defaults["bidirectional"] = false;
    return defaults;
  }
  [[nodiscard]] Job job(const nlohmann::json& parameters) const override {
    const auto window = parameter<int>(parameters, "window");
    if (window < 1) throw InputError("parameter \"window\": at least 1 message");
    Job job = pingpong_job("bandwidth", parameters);
    job.program.argv.insert(job.program.argv.end(), {"--window", fmt::format("{}", window)});
    if (parameter<bool>(parameters, "bidirectional"))
      job.program.argv.emplace_back("--bidirectional");
    return job;
  }
  [[nodiscard]] std::vector<Metric> metrics(const nlohmann::json& parameters,
                                            const Finished& finished) const override {
    return pingpong_metrics(parameters, finished, "bandwidth", Better::higher);
  }
  [[nodiscard]] nlohmann::json document(const Finished& finished) const override {
    return pingpong_document(finished);
  }
};

MIGBENCH_REGISTER(Workload, MpiBandwidth);

}  // namespace
}  // namespace migbench
