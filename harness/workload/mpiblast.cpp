// mpiblast: the study's original, where it is installed.
#include "harness/programs.hpp"
#include "harness/workload/blast_common.hpp"
#include "harness/workload/driver_output.hpp"

namespace migbench {
namespace {

class MpiBlast : public Workload {
 public:
  [[nodiscard]] std::string_view name() const override { return "mpiblast"; }
  [[nodiscard]] std::string_view summary() const override {
    return "mpiBLAST as the study ran it, where it is installed";
  }
  [[nodiscard]] Support check(const Site* /*site*/) const override {
    for (const char* tool : {"mpiblast", "mpiformatdb"}) {
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
    return blast_job("original", parameters);
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
