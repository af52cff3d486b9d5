// Whether a cell can run on a site, asked before anything is started.
#pragma once

#include "bench/error.hpp"
#include "harness/environment/environment.hpp"
#include "harness/migration/technique.hpp"
#include "harness/plan/cell.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {

/// What a cell is made of. Throws InputError where this build has no such part (a run that is
/// resumed by another build).
struct CellParts {
  const Environment* environment = nullptr;
  const Workload* workload = nullptr;
  const Technique* technique = nullptr;  ///< null: nothing is moved
  const Environment* peers = nullptr;    ///< of all instances but the last
};
[[nodiscard]] CellParts parts_of(const Cell& cell);

/// The combination itself: a technique that can move that environment, something to measure.
[[nodiscard]] Support check_combination(const Cell& cell);

/// The combination, each part on this site, and enough nodes: one for every instance, and a free
/// one to move to. May take seconds (CRIU is tried out), so ask once a session.
[[nodiscard]] Support check_cell(const Cell& cell, const Site& site);

}  // namespace migbench
