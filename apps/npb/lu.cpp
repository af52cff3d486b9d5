// LU: the flow problem by symmetric successive over-relaxation, whose two triangular systems are
// solved in a wave through the grid (RNR-94-007, section 3.3.6).
#include <fmt/format.h>

#include "apps/npb/adi_run.hpp"
#include "apps/npb/lu_grid.hpp"
#include "apps/npb/lu_sweep.hpp"
#include "apps/npb/verification.hpp"

namespace migbench::npb {
namespace {

Result run(const Run& run) {
  const CfdClass& problem = of_class(kLuClasses, run.problem_class);
  LuGrid grid(run, problem.points);
  LuSweeps sweeps(grid, problem.time_step, *run.phases);
  const auto step = [&] {
    sweeps.lower();
    sweeps.upper();
    grid.compute_rhs();
  };
  grid.initialize();
  step();  // untimed, to touch all memory, as in the original
  grid.initialize();

  Result result;
  Stopwatch watch(run);
  for (int iteration = 0; iteration < problem.iterations; ++iteration) {
    step();
    watch.lap();
  }
  const Five residual = grid.rhs_norm();
  watch.stop(result);

  add_norm_checks("residual", residual, problem.residual, result);
  add_norm_checks("error", grid.error_norm(), problem.error, result);
  result.checks.push_back(check_value("surface integral", grid.surface_integral(),
                                      problem.surface_integral, kCfdTolerance));
  const double n = problem.points;
  result.size = {problem.points, problem.points, problem.points};
  result.iterations = problem.iterations;
  result.operations =
      problem.iterations * (1984.77 * n * n * n - 10923.3 * n * n + 27770.9 * n - 144010);
  const auto array = lu_process_array(run.ranks).value();
  result.facts = {{"time_step", fmt::format("{}", problem.time_step)},
                  {"process_array", fmt::format("{}x{}", array.first, array.second)}};
  return result;
}

std::optional<std::string> refuse(char problem_class, int ranks) {
  return refuse_unless_lu_array(ranks, of_class(kLuClasses, problem_class).points);
}

double bytes_per_rank(char problem_class, int ranks) {
  const double points = of_class(kLuClasses, problem_class).points;
  return 21 * 8 * 2.3 * points * points * points / ranks;  // skewed: half of the memory is unused
}

const KernelRegistration registration({"LU", "flow solver, lower and upper triangular sweeps",
                                       refuse, bytes_per_rank, run});

}  // namespace
}  // namespace migbench::npb
