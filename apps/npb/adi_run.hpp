// The time loop that BT and SP share.
#pragma once

#include <fmt/format.h>

#include "apps/npb/adi_grid.hpp"
#include "apps/npb/verification.hpp"

namespace migbench::npb {

/// Five checks of RMS norms against the published ones.
inline void add_norm_checks(const char* what, const Five& computed, const FiveValues& published,
                            Result& result) {
  for (std::size_t m = 0; m < 5; ++m)
    result.checks.push_back(
        check_value(fmt::format("{} {}", what, m + 1), computed[m], published[m], kCfdTolerance));
}

/// Solver: made from the grid and the phases; sweep(direction) for directions 0, 1, 2 makes a step
/// of the right-hand side and adds it to u.
template <class Solver>
Result run_adi(const Run& run, const CfdClass& problem) {
  Phases& phases = *run.phases;
  const auto exchanging = phases.add("exchange faces", Spent::communicating);
  const auto right_side = phases.add("right-hand side", Spent::computing);
  AdiGrid grid(run, problem.points, problem.time_step);
  Solver solver(grid, phases);

  const auto prepare = [&] {
    {
      const PhaseScope scope(phases, exchanging);
      grid.exchange_faces();
    }
    const PhaseScope scope(phases, right_side);
    grid.compute_rhs();
  };
  const auto step = [&] {
    prepare();
    for (int direction = 0; direction < 3; ++direction)
      solver.sweep(direction);
  };
  step();  // untimed, to touch all memory, as in the original
  grid.initialize();

  Result result;
  Stopwatch watch(run);
  for (int iteration = 0; iteration < problem.iterations; ++iteration) {
    step();
    watch.lap();
  }
  watch.stop(result);

  // The residual is the right-hand side of one more step, without the time step.
  const Five error = grid.error_norm();
  prepare();
  Five residual = grid.rhs_norm();
  for (double& value : residual)
    value /= problem.time_step;
  add_norm_checks("residual", residual, problem.residual, result);
  add_norm_checks("error", error, problem.error, result);
  result.size = {problem.points, problem.points, problem.points};
  result.iterations = problem.iterations;
  result.facts = {{"time_step", fmt::format("{}", problem.time_step)},
                  {"cells", fmt::format("{0}x{0}x{0}", grid.cells_across())}};
  return result;
}

}  // namespace migbench::npb
