#include "harness/workload/pingpong.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/units.hpp"
#include "harness/programs.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/parameter.hpp"
#include "harness/workload/sizes.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr std::string_view kProgram = "migbench-pingpong";

int whole_number(const json& parameters, const char* name, int least, int most) {
  const json value = parameters.value(name, json());
  if (!value.is_number_integer() || value < least || value > most) {
    throw InputError(fmt::format("parameter \"{}\": {} is not a whole number from {} to {}", name,
                                 value.dump(), least, most));
  }
  return value.get<int>();
}

}  // namespace

Support check_pingpong() {
  if (look_for_program(kProgram).empty()) {
    return Unsupported{fmt::format("{} is not there", kProgram),
                       "build it: scripts/build.sh builds all programs"};
  }
  if (look_for_program("mpirun").empty())
    return Unsupported{"mpirun is not in PATH", "install Open MPI: apt-get install openmpi-bin"};
  return {};
}

json pingpong_defaults(std::string_view sizes, std::string_view calls) {
  return {{"sizes", sizes},        {"budget", "200ms"}, {"precision", 0.02},
          {"timing", "iteration"}, {"calls", calls},    {"samples", 1000},
          {"transport", "auto"},   {"instances", 2},    {"mca", json::array()}};
}

Job pingpong_job(std::string_view mode, const json& parameters) {
  const std::string sizes = sizes_text(parameters);
  (void)parse_sizes(sizes);
  const auto precision = parameter<double>(parameters, "precision");
  if (!(precision >= 0 && precision <= 1))
    throw InputError(fmt::format("parameter \"precision\": {} is not within 0 and 1", precision));
  // By its name alone where it is not here: the nodes' own PATH may have it.
  const auto path = look_for_program(kProgram);
  Job job;
  job.ranks = 2;
  job.instances = whole_number(parameters, "instances", 1, 2);
  job.transport = parameter<std::string>(parameters, "transport");
  job.mca = parameter<std::vector<std::string>>(parameters, "mca");
  job.program.argv = {path.empty() ? std::string(kProgram) : path.string(),
                      std::string(mode),
                      "--sizes",
                      sizes,
                      "--budget",
                      duration_text(parameters, "budget"),
                      "--precision",
                      fmt::format("{}", precision),
                      "--timing",
                      one_of(parameters, "timing", {"iteration", "batch"}),
                      "--calls",
                      one_of(parameters, "calls", {"blocking", "nonblocking"}),
                      "--samples",
                      fmt::format("{}", whole_number(parameters, "samples", 0, 1'000'000)),
                      "--json",
                      "-"};
  return job;
}

std::vector<Metric> pingpong_metrics(const json& parameters, const Finished& finished,
                                     const std::string& name, Better better) {
  return metrics_by_size(kProgram, parameters, finished, name, better);
}

json pingpong_document(const Finished& finished) {
  return find_driver_document(finished, kProgram);
}

}  // namespace migbench
