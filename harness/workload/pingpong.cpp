#include "harness/workload/pingpong.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/workload/driver.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/parameter.hpp"
#include "harness/workload/sizes.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr std::string_view kPingpong = "migbench-pingpong";

}  // namespace

Support check_pingpong() {
  return check_mpi_driver(kPingpong);
}

json pingpong_defaults(std::string_view sizes, std::string_view calls) {
  return {{"sizes", sizes},        {"budget", "200ms"}, {"precision", 0.02},
          {"timing", "iteration"}, {"calls", calls},    {"samples", 1000},
          {"transport", "auto"},   {"instances", 2},    {"placement", "free"},
          {"mca", json::array()}};
}

Job pingpong_job(std::string_view mode, const json& parameters) {
  const std::string sizes = sizes_text(parameters);
  (void)parse_sizes(sizes);
  const auto precision = parameter<double>(parameters, "precision");
  if (!(precision >= 0 && precision <= 1))
    throw InputError(fmt::format("parameter \"precision\": {} is not within 0 and 1", precision));
  Job job;
  job.ranks = 2;
  job.instances = whole_parameter(parameters, "instances", 1, 2);
  job.placement = placement_parameter(parameters);
  job.transport = parameter<std::string>(parameters, "transport");
  job.mca = parameter<std::vector<std::string>>(parameters, "mca");
  job.program.argv = {driver_word(kPingpong),
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
                      fmt::format("{}", whole_parameter(parameters, "samples", 0, 1'000'000)),
                      "--json",
                      "-"};
  return job;
}

std::vector<Metric> pingpong_metrics(const json& parameters, const Finished& finished,
                                     const std::string& name, Better better) {
  return metrics_by_size(kPingpong, parameters, finished, name, better);
}

json pingpong_document(const Finished& finished) {
  return find_driver_document(finished, kPingpong);
}

}  // namespace migbench
