#include "apps/npb/report.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "apps/npb/build.hpp"
#include "apps/npb/mpi_call.hpp"
#include "apps/npb/placement.hpp"
#include "bench/table.hpp"
#include "bench/version.hpp"

namespace migbench::npb {
namespace {

std::string original_size(const Launch& launch) {
  const auto& size = launch.result.size;
  if (size[1] != 0 || size[2] != 0)
    return fmt::format(" Size            =           {:4d}x{:4d}x{:4d}\n", size[0], size[1],
                       size[2]);
  // EP's size is 2^(m+1) as a Fortran f15.0 without its point, with a width of its own.
  if (launch.kernel == "EP") return fmt::format(" Size            =          {:>15}\n", size[0]);
  return fmt::format(" Size            =             {:12d}\n", size[0]);
}

/// {"compute": s, "communicate": s, "phases": {name: s}}
nlohmann::json phases_document(const Phases& phases) {
  nlohmann::json list = nlohmann::json::object();
  for (Phases::Id id = 0; id < phases.size(); ++id)
    list[phases.name(id)] = phases.seconds(id);
  return {{"compute", phases.seconds(Spent::computing)},
          {"communicate", phases.seconds(Spent::communicating)},
          {"phases", list}};
}

std::string seconds(double value) {
  return fmt::format("{:.6f}", value);
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{:.13e}", value) : fmt::format("{}", value);
}

}  // namespace

bool Launch::verified() const {
  return !result.checks.empty() && std::all_of(result.checks.begin(), result.checks.end(),
                                               [](const Check& check) { return check.passed(); });
}

double Launch::mops() const {
  return result.seconds > 0 ? result.operations * 1e-6 / result.seconds : 0;
}

Launch gather(const Kernel& kernel, const Run& run, Result result) {
  Launch launch{std::string(kernel.name), run.problem_class, run.ranks, std::move(result), {}, {}};
  auto& laps = launch.result.iteration_seconds;
  launch.slowest_iterations.resize(laps.size());
  MPI_Reduce(laps.data(), launch.slowest_iterations.data(), static_cast<int>(laps.size()),
             MPI_DOUBLE, MPI_MAX, 0, run.comm);
  const double own_seconds = launch.result.seconds;
  MPI_Allreduce(&own_seconds, &launch.result.seconds, 1, MPI_DOUBLE, MPI_MAX, run.comm);

  auto mine = phases_document(*run.phases);
  mine["rank"] = run.rank;
  mine["seconds"] = own_seconds;
  mine["placement"] = placement();
  mine["iteration_seconds"] = laps;
  for (const std::string& text : gather_texts(mine.dump(), run.comm))
    launch.per_rank.push_back(nlohmann::json::parse(text));
  return launch;
}

std::string original_block(const Launch& launch) {
  const Result& result = launch.result;
  std::string text = fmt::format("\n\n {} Benchmark Completed.\n", launch.kernel);
  text += fmt::format(" Class           =             {:>12}\n", launch.problem_class);
  text += original_size(launch);
  text += fmt::format(" Iterations      =             {:12d}\n", result.iterations);
  text += fmt::format(" Time in seconds =             {:12.2f}\n", result.seconds);
  text += fmt::format(" Total processes =             {:12d}\n", launch.ranks);
  text += fmt::format(" Active processes=             {:12d}\n", launch.ranks);
  text += fmt::format(" Mop/s total     =             {:12.2f}\n", launch.mops());
  text += fmt::format(" Mop/s/process   =             {:12.2f}\n", launch.mops() / launch.ranks);
  text += fmt::format(" Operation type  = {:>24}\n", result.operation_type);
  text += fmt::format(" Verification    =             {:>12}\n",
                      launch.verified() ? "SUCCESSFUL" : "UNSUCCESSFUL");
  text += fmt::format(" Version         =             {:>12}\n", version());
  text += fmt::format(" Compile date    =             {:>12}\n", commit().substr(0, 12));
  text += fmt::format(
      "\n Compile options:\n    CXX          = {}\n    FLAGS        = {}\n    ISA          = "
      "{}\n\n",
      build_compiler(), build_flags(), build_isa());
  return text;
}

std::string readable_report(const Launch& launch) {
  Table checks({"verified value", "computed", "published", "relative error", "tolerance", ""});
  for (const Check& check : launch.result.checks)
    checks.add({check.quantity, number(check.computed), number(check.reference),
                fmt::format("{:.2e}", check.error), fmt::format("{:.0e}", check.tolerance),
                check.passed() ? "ok" : "WRONG"});
  Table phases({"phase", "fastest rank (s)", "slowest rank (s)"});
  const auto& ranks = launch.per_rank;
  for (const auto& entry : ranks.at(0).at("phases").items()) {
    double least = entry.value();
    double most = least;
    for (const auto& rank : ranks) {
      const double own = rank.at("phases").at(entry.key());
      least = std::min(least, own);
      most = std::max(most, own);
    }
    phases.add({entry.key(), seconds(least), seconds(most)});
  }
  return checks.text() + "\n" + phases.text();
}

nlohmann::json launch_document(const Launch& launch) {
  const Result& result = launch.result;
  nlohmann::json checks = nlohmann::json::array();
  for (const Check& check : result.checks)
    checks.push_back({{"quantity", check.quantity},
                      {"computed", check.computed},
                      {"reference", check.reference},
                      {"relative_error", check.error},
                      {"tolerance", check.tolerance},
                      {"passed", check.passed()}});
  nlohmann::json facts = nlohmann::json::object();
  for (const auto& [name, text] : result.facts)
    facts[name] = text;
  return {{"kernel", launch.kernel},
          {"class", std::string(1, launch.problem_class)},
          {"ranks", launch.ranks},
          {"size", result.size},
          {"iterations", result.iterations},
          {"seconds", result.seconds},
          {"mops", launch.mops()},
          {"operations", result.operations},
          {"operation_type", result.operation_type},
          {"verified", launch.verified()},
          {"checks", checks},
          {"iteration_seconds", launch.slowest_iterations},
          {"per_rank", launch.per_rank},
          {"facts", facts},
          {"build", build_document()}};
}

}  // namespace migbench::npb
