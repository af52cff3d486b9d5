// What hypervisors said of the machines that they moved, beside what was seen from outside.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "harness/run/record.hpp"

namespace migbench {

/// Of one cell's records; null where no hypervisor said anything:
/// {"preparation": share of the migration time in which no memory was copied,
///  "downtime": the hypervisor's own, in ms,
///  "differences": [{"metric", ...}]: each estimator of the probe minus the hypervisor's, in ms,
///  "disagreement": what is between the two (disagreement.hpp),
///  "iterations": [{"iteration", "bytes", "remaining_bytes", "dirty_bytes_per_s", "duration_ms"}]},
/// each figure as {"n", "median", "interval"}: medians over trials of the median of a trial's
/// moves. A last iteration that only some moves needed has a smaller n.
[[nodiscard]] nlohmann::json summarize_hypervisor(const std::vector<const Record*>& records);

}  // namespace migbench
