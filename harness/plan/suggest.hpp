// "did you mean": the nearest of some names to a mistyped one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migbench {

/// The known name that is at most a third of its letters (at least one) away by single-letter edits
/// and swaps of neighbours; nothing where none is that near.
[[nodiscard]] std::optional<std::string> nearest(std::string_view typed,
                                                 const std::vector<std::string>& known);

/// "; did you mean 'x'?" or nothing, and then "; allowed: a, b, c".
[[nodiscard]] std::string suggestion(std::string_view typed, const std::vector<std::string>& known);

}  // namespace migbench
