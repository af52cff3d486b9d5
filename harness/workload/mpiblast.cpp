// mpiblast: the study's original, where it is installed.
#include <array>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/programs.hpp"
#include "harness/workload/blast_common.hpp"
#include "harness/workload/driver_output.hpp"

namespace migbench {
namespace {

constexpr std::array kTools{"mpiblast", "mpiformatdb"};

class MpiBlast : public Workload {
 public:
  [[nodiscard]] std::string_view name() const override { return "mpiblast"; }
  [[nodiscard]] std::string_view summary() const override {
    return "mpiBLAST as the study ran it, where it is installed";
  }
  [[nodiscard]] Support check(const Site* /*site*/) const override {
    for (const char* tool : kTools) {
      if (look_for_program(tool).empty()) {
        return Unsupported{
            std::string(tool) + " is not in PATH",
            "no distribution packages mpiBLAST: build release 1.6 and put it into PATH, or use the "
            "workload blast, which does the same work with the living engine"};
      }
    }
    return {};
  }
  // One rank schedules and one writes beside the workers.
  [[nodiscard]] nlohmann::json defaults() const override { return blast_defaults(4); }
  [[nodiscard]] Job job(const nlohmann::json& parameters) const override {
    Job job = blast_job("original", parameters);
    // There need be no file system that all places see. Ranks are placed in blocks.
    job.program.argv.emplace_back("--each-host");
    if (job.ranks <= job.instances) {
      throw InputError(fmt::format(
          "mpiblast: {} ranks in {} instances: the ranks that schedule and write must be in one; "
          "give it more ranks than instances",
          job.ranks, job.instances));
    }
    for (const char* tool : kTools)
      if (auto path = look_for_program(tool); !path.empty())
        job.programs.push_back(std::move(path));
    return job;
  }
  [[nodiscard]] std::vector<Metric> metrics(const nlohmann::json& /*parameters*/,
                                            const Finished& finished) const override {
    return blast_metrics(finished);
  }
  [[nodiscard]] nlohmann::json document(const Finished& finished) const override {
    return find_driver_document(finished, kBlastProgram);
  }
};

MIGBENCH_REGISTER(Workload, MpiBlast);

}  // namespace
}  // namespace migbench
