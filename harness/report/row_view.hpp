// Rows of a report.json as tables need them: in groups, with the keys by which they differ.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/report/layout.hpp"

namespace migbench {

using RowList = std::vector<const nlohmann::json*>;

/// "container", "container, criu-lazy", "container, control of criu-lazy".
[[nodiscard]] std::string place_text(const nlohmann::json& row);

/// Keys of the points and of the parameters that not all rows share, points last.
[[nodiscard]] std::vector<std::string> differing_keys(const RowList& rows);
/// The value of such a key as text; empty where the row has none.
[[nodiscard]] std::string key_text(const nlohmann::json& row, const std::string& key);
/// Sorts by the keys' values, keeping the order of the report else.
void sort_by_keys(RowList& rows, const std::vector<std::string>& keys);
/// What all rows share: "memory=64MiB"; empty for nothing.
[[nodiscard]] std::string shared_text(const RowList& rows);

/// "n = 6", "n = 6 to 12".
[[nodiscard]] std::string launches_text(const RowList& rows);
[[nodiscard]] std::string labels_of_rows(const RowList& rows);

[[nodiscard]] Text median_cell(const nlohmann::json& row);   ///< "6.31 [6.20, 6.42]"
[[nodiscard]] Text ratio_cell(const nlohmann::json& row);    ///< "1.05 [1.01, 1.09]", "" for none
[[nodiscard]] Text verdict_cell(const nlohmann::json& row);  ///< "slower", "" for none

/// The rows' notes and outliers, equal ones together, at most a handful.
[[nodiscard]] std::vector<std::string> notes_of_rows(const RowList& rows,
                                                     const std::vector<std::string>& keys);

}  // namespace migbench
