// blast: the built-in BLAST over MPI, with the NCBI engine.
#include "bench/error.hpp"
#include "harness/programs.hpp"
#include "harness/workload/blast_common.hpp"
#include "harness/workload/driver.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/inside.hpp"
#include "harness/workload/parameter.hpp"

namespace migbench {
namespace {

/// The engine's own default (megablast for blastn) where the parameter is empty.
std::vector<std::string> tasks_of(const std::string& program) {
  if (program == "blastp") return {"blastp", "blastp-short", "blastp-fast"};
  return {"blastn", "blastn-short", "megablast", "dc-megablast"};
}

class Blast : public Workload {
 public:
  [[nodiscard]] std::string_view name() const override { return "blast"; }
  [[nodiscard]] std::string_view summary() const override {
    return "BLAST over MPI: a database in fragments, searched with the NCBI engine (built in)";
  }
  [[nodiscard]] Support check(const Site* /*site*/) const override {
    if (auto missing = check_mpi_driver(kBlastProgram)) return missing;
    for (const char* tool : {"blastn", "blastp", "makeblastdb"}) {
      if (look_for_program(tool).empty()) {
        return Unsupported{std::string(tool) + " is not in PATH",
                           "install the NCBI engine: apt-get install ncbi-blast+"};
      }
    }
    return {};
  }
  [[nodiscard]] nlohmann::json defaults() const override {
    auto defaults = blast_defaults(3);
    defaults["launcher"] = "head";
    defaults["replicas"] = 1;
    defaults["task"] = "";
    defaults["verify"] = false;
    return defaults;
  }
  [[nodiscard]] Job job(const nlohmann::json& parameters) const override {
    Job job = blast_job("search", parameters);
    job.program.argv.insert(
        job.program.argv.end(),
        {"--replicas", std::to_string(whole_parameter(parameters, "replicas", 1, 10'000))});
    job.program.argv.emplace_back("--announce");
    if (const auto task = parameter<std::string>(parameters, "task"); !task.empty()) {
      const std::string program = parameter<std::string>(parameters, "program");
      (void)one_of(parameters, "task", tasks_of(program));
      job.program.argv.insert(job.program.argv.end(),
                              {"--engine-option=-task", "--engine-option=" + task});
    }
    job.begins = "migbench-blast: measuring";
    job.ends = "migbench-blast: measured";
    for (const char* tool : {"blastn", "blastp", "makeblastdb"})
      if (auto path = look_for_program(tool); !path.empty())
        job.programs.push_back(std::move(path));
    if (parameter<bool>(parameters, "verify")) job.program.argv.emplace_back("--verify");
    return launched_as(parameters, std::move(job));
  }
  [[nodiscard]] std::vector<Metric> metrics(const nlohmann::json& /*parameters*/,
                                            const Finished& finished) const override {
    return blast_metrics(finished);
  }
  [[nodiscard]] nlohmann::json document(const Finished& finished) const override {
    return find_driver_document(finished, kBlastProgram);
  }
};

MIGBENCH_REGISTER(Workload, Blast);

}  // namespace
}  // namespace migbench
