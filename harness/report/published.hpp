// Published numbers beside ours: data of results/paper, compiled in.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "harness/report/compare.hpp"
#include "harness/report/rows.hpp"

namespace migbench {

/// The published rows whose workload and metric this run measured too, each with "source",
/// "hardware", "label" (always "other hardware") and "ours": {"cell", "point",
/// "value"} in the same environment (and technique and point, where the published row names them),
/// or null. A row may have a "finding" in words in the place of "value" and "unit". They are
/// shown, and compared with nothing: the hardware differs.
[[nodiscard]] nlohmann::json published_beside(const std::vector<Row>& rows,
                                              const Comparisons& comparisons);

}  // namespace migbench
