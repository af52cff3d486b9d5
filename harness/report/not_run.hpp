// Cells without a number, or with less of it than was asked for: always shown, with the reason.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/report/run_data.hpp"

namespace migbench {

/// One object for each cell and reason: {"cell", "experiment", "environment", "workload",
/// "technique", "control", "parameters", "outcome": "failed", "unsupported", "suspect" or
/// "not-started", "reason", "remedy", "trials": [...]}.
[[nodiscard]] nlohmann::json list_not_run(const RunData& data);

/// {"cells", "measured", "partly", "failed", "unsupported", "suspect", "not_started", "trials",
/// "verdict"}: a cell counts once, "measured" where it has a good trial ("partly" of these had bad
/// ones too). "verdict" is "ok", "incomplete", "failed" or "nothing-ran".
[[nodiscard]] nlohmann::json summarize_cells(const RunData& data);

}  // namespace migbench
