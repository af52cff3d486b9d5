// Comma-separated values as RFC 4180 has them.
#pragma once

#include <string>
#include <vector>

namespace migbench {

/// One line with its end; a field with a comma, a quote or a line break is quoted.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& fields);

}  // namespace migbench
