// What people see: rows as they come, since a sweep takes its time.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "pingpong/options.hpp"
#include "pingpong/result.hpp"

namespace migbench::pingpong {

/// "# ..." lines: what is measured, how, between whom; then the columns' names.
[[nodiscard]] std::string table_head(const Options& options, const nlohmann::json& document);

/// One line.
[[nodiscard]] std::string table_row(const Options& options, const nlohmann::json& result);

}  // namespace migbench::pingpong
