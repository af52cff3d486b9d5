// Comma-separated values as RFC 4180 has them.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace migbench {

/// One line with its end; a field with a comma, a quote or a line break is quoted.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& fields);

/// A field: text as it is, numbers with up to ten significant digits, nothing for null.
[[nodiscard]] std::string csv_field(const nlohmann::json& value);

}  // namespace migbench
