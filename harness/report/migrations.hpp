// What happened inside the moves: phases of every technique, and one move as an example with the
// probe's outages laid over it.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/report/run_data.hpp"

namespace migbench {

/// One object for each migrated cell: {"cell", "environment", "technique", "workload",
/// "parameters", "trials", "moves", "not_moved", "reasons", "phases": [{"name", "n", "start_ms",
/// "duration_ms", "interval"}], "example": {"trial", "migration", "migration_ms", "phases":
/// [{"name", "start_ms", "end_ms"}], "outages": [{"start_ms", "end_ms", "kind"}]}, "labels"},
/// for virtual machines also "hypervisor": see hypervisors.hpp.
///
/// Medians are over trials (of the median of a trial's moves), times from the request. The example
/// is the move of median length.
[[nodiscard]] nlohmann::json summarize_migrations(const RunData& data);

}  // namespace migbench
