// mpi-iterations: an MPI job in steps, to be moved while it runs; how long the steps took and
// whether the result is right.
#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/workload/driver.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/inside.hpp"
#include "harness/workload/parameter.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr std::string_view kMpiIterations = "migbench-mpi-iterations";
constexpr int kMostRanks = 1024;

double number(const json& result, const char* name) {
  return result.at(name).get<double>();
}

std::vector<Metric> iteration_metrics(const json& result) {
  if (!result.at("right").get<bool>()) {
    throw Error(fmt::format("the job's result is wrong: {} instead of {}, memory intact: {}",
                            result.at("sum").dump(), result.at("sum_expected").dump(),
                            result.at("memory_intact").dump()));
  }
  const auto milliseconds = [&result](const char* name, const char* member) {
    return Metric{name, json::object(), number(result, member) / 1e6, "ms", Better::lower};
  };
  return {milliseconds("iteration", "median_ns"),
          milliseconds("longest-iteration", "longest_ns"),
          milliseconds("lost-progress", "lost_ns"),
          {"iterations", json::object(), number(result, "iterations"), "1", Better::higher}};
}

class MpiIterations : public Workload {
 public:
  [[nodiscard]] std::string_view name() const override { return "mpi-iterations"; }
  [[nodiscard]] std::string_view summary() const override {
    return "an MPI job of exchange and allreduce: longest iteration, lost progress, right result";
  }
  [[nodiscard]] Support check(const Site* /*site*/) const override {
    return check_mpi_driver(kMpiIterations);
  }
  /// The study's scenario: three ranks on two nodes, and the last instance, with one rank, moves.
  [[nodiscard]] json defaults() const override {
    return {{"ranks", 3},          {"instances", 2},      {"duration", "3s"}, {"compute", "1ms"},
            {"memory", "4MiB"},    {"transport", "tcp"},  {"cells", 64},      {"launcher", "head"},
            {"placement", "free"}, {"mca", json::array()}};
  }
  [[nodiscard]] Job job(const json& parameters) const override {
    Job job;
    job.ranks = whole_parameter(parameters, "ranks", 1, kMostRanks);
    job.instances = whole_parameter(parameters, "instances", 1, job.ranks);
    job.placement = placement_parameter(parameters);
    job.transport = parameter<std::string>(parameters, "transport");
    job.mca = parameter<std::vector<std::string>>(parameters, "mca");
    job.program.argv = {driver_word(kMpiIterations),
                        "--duration",
                        duration_text(parameters, "duration"),
                        "--compute",
                        duration_text(parameters, "compute"),
                        "--memory",
                        bytes_text(parameters, "memory"),
                        "--cells",
                        fmt::format("{}", whole_parameter(parameters, "cells", 1, 1 << 24)),
                        "--json",
                        "-"};
    job.can_last = true;
    return launched_as(parameters, std::move(job));
  }
  [[nodiscard]] std::vector<Metric> metrics(const json& /*parameters*/,
                                            const Finished& finished) const override {
    return read_document(finished, kMpiIterations, [](const json& document) {
      return iteration_metrics(document.at("result"));
    });
  }
  [[nodiscard]] json document(const Finished& finished) const override {
    return find_driver_document(finished, kMpiIterations);
  }
};

MIGBENCH_REGISTER(Workload, MpiIterations);

}  // namespace
}  // namespace migbench
