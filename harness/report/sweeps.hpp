// Sweeps: rows that differ in one parameter only, with a straight line through them.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/report/rows.hpp"

namespace migbench {

/// One object for each metric of each sweep over at least three values of a size, duration or
/// number: {"workload", "environment", "technique", "control", "parameters", "metric", "point",
/// "unit", "parameter", "per", "n", "points", "fixed": {"value", "interval"}, "slope": {...},
/// "misfit", "labels"}. The slope is in the row's unit per `per` ("GiB", "s", or "1").
[[nodiscard]] nlohmann::json fit_sweeps(const std::vector<Row>& rows, std::uint64_t seed);

}  // namespace migbench
