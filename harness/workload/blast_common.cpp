#include "harness/workload/blast_common.hpp"

#include <fmt/format.h>

#include "harness/workload/driver.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/parameter.hpp"

namespace migbench {

using nlohmann::json;

json blast_defaults(int ranks) {
  return {{"data", "seed=7,sequences=2000,mean_length=2000,queries=50"},
          {"fragments", 4},
          {"ranks", ranks},
          {"instances", 2},
          {"transport", "auto"},
          {"placement", "free"},
          {"program", "blastn"}};
}

Job blast_job(const char* subcommand, const json& parameters) {
  Job job;
  job.ranks = whole_parameter(parameters, "ranks", 2, 10'000);
  job.instances = whole_parameter(parameters, "instances", 1, job.ranks);
  job.transport = parameter<std::string>(parameters, "transport");
  job.placement = placement_parameter(parameters);
  // In the place's own /tmp: where the file system is not shared, fragments go over MPI.
  job.program.argv = {driver_word(kBlastProgram),
                      subcommand,
                      "--synthetic",
                      parameter<std::string>(parameters, "data"),
                      "--work",
                      "/tmp/migbench-blast",
                      "--fragments",
                      fmt::format("{}", whole_parameter(parameters, "fragments", 1, 1000)),
                      "--program",
                      parameter<std::string>(parameters, "program"),
                      "--json",
                      "-"};
  return job;
}

std::vector<Metric> blast_metrics(const Finished& finished) {
  return read_document(finished, kBlastProgram, [](const json& document) {
    const json& truth = document.at("truth");
    if (truth.at("found_near") != truth.at("planted_near")) {
      throw Error(
          fmt::format("the search found {} of {} planted near homologs: its answer is wrong",
                      truth.at("found_near").dump(), truth.at("planted_near").dump()));
    }
    const double seconds = document.at("search_s");
    const double queries = document.at("queries");
    return std::vector<Metric>{
        {"run-time", json::object(), seconds, "s", Better::lower},
        {"queries-per-second", json::object(), queries / seconds, "1/s", Better::higher}};
  });
}

}  // namespace migbench
