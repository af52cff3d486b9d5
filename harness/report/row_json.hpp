// Rows of the report as JSON.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "harness/report/compare.hpp"
#include "harness/report/rows.hpp"

namespace migbench {

/// {"cell", "experiment", "environment", "workload", "technique", "control", "parameters"}.
[[nodiscard]] nlohmann::json identity_json(const Cell& cell);

/// The report's rows, with medians, comparisons and notes; see results/schema/report.schema.json.
[[nodiscard]] nlohmann::json rows_json(const RunData& data, const std::vector<Row>& rows,
                                       const Comparisons& comparisons, const Baseline& baseline);

}  // namespace migbench
