// mpi-iterations: an MPI job in steps, to be moved while it runs; how long the steps took and
// whether the result is right.
#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/site/mpi_launch.hpp"
#include "harness/workload/driver.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/parameter.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr std::string_view kProgram = "migbench-mpi-iterations";
constexpr int kMostRanks = 1024;

double number(const json& result, const char* name) {
  return result.at(name).get<double>();
}

/// "head": mpirun runs at the site's head and its ranks in the instances. "inside": mpirun runs in
/// the one instance together with all its ranks, so that the whole job can be moved.
bool launched_inside(const json& parameters) {
  return one_of(parameters, "launcher", {"head", "inside"}) == "inside";
}

/// The document goes through a file: CRIU may leave a terminal, which mpirun gives its ranks as
/// standard output, non-blocking when a dump is taken back, and a long write then fails.
constexpr const char* kInside = R"(file=$(mktemp) || exit 1
"$@" --json "$file" >&2 && cat "$file"
status=$?
rm -f "$file"
exit $status
)";

/// The job as one plain command. All its connections stay on loopback or in shared memory: the
/// node's own address would not be there after a move.
Job inside(Job job) {
  if (job.instances != 1)
    throw InputError("parameter \"instances\": with the launcher 'inside' it is 1");
  const char* shared_memory = mpi_version().major >= 5 ? "sm,self" : "vader,self";
  std::vector<std::string> argv{"sh",
                                "-c",
                                kInside,
                                "sh",
                                "mpirun",
                                "-n",
                                fmt::format("{}", job.ranks),
                                "--bind-to",
                                "none",
                                "--oversubscribe",
                                "--mca",
                                "pml",
                                "ob1",
                                "--mca",
                                "btl",
                                shared_memory,
                                "--mca",
                                "oob_tcp_if_include",
                                "lo"};
  argv.insert(argv.end(), job.mca.begin(), job.mca.end());
  // All but its "--json -".
  argv.insert(argv.end(), job.program.argv.begin(), job.program.argv.end() - 2);
  job.program.argv = std::move(argv);
  job.program.env["OMPI_ALLOW_RUN_AS_ROOT"] = "1";
  job.program.env["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
  job.ranks = 0;
  // mpirun places them, and its ranks are the harness's only through it.
  job.placement.clear();
  return job;
}

std::vector<Metric> metrics_of(const json& result) {
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
    return check_mpi_driver(kProgram);
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
    job.program.argv = {driver_word(kProgram),
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
    return launched_inside(parameters) ? inside(job) : job;
  }
  [[nodiscard]] std::vector<Metric> metrics(const json& /*parameters*/,
                                            const Finished& finished) const override {
    return read_document(finished, kProgram,
                         [](const json& document) { return metrics_of(document.at("result")); });
  }
  [[nodiscard]] json document(const Finished& finished) const override {
    return find_driver_document(finished, kProgram);
  }
};

MIGBENCH_REGISTER(Workload, MpiIterations);

}  // namespace
}  // namespace migbench
