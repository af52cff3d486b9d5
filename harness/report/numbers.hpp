// How numbers of a report are written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "bench/quantile.hpp"

namespace migbench {

/// Four significant digits: "6.312", "0.04210", "118300", "1.2e+20"; "-" for null.
[[nodiscard]] std::string number_text(const nlohmann::json& value);

/// Median and interval with the same number of decimals: "6.312 [6.204, 6.418]"; without an
/// interval "6.312"; "-" for null.
[[nodiscard]] std::string estimate_text(const nlohmann::json& value,
                                        const nlohmann::json& interval);

/// A point's or parameter's value: sizes as "4KiB", text as it is, all else as JSON.
[[nodiscard]] std::string value_text(const std::string& key, const nlohmann::json& value);

/// [low, high], or null.
[[nodiscard]] nlohmann::json interval_json(const std::optional<Interval>& interval);

/// Nanoseconds, as records have them, in milliseconds.
[[nodiscard]] inline double milliseconds(std::int64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

/// "memory=64MiB rate=0"; empty for {}.
[[nodiscard]] std::string object_text(const nlohmann::json& object);

/// "virtual nodes; emulated: TCG"; empty for none.
[[nodiscard]] std::string labels_text(const nlohmann::json& labels);

/// Text from elsewhere for one cell of a table: control characters, line breaks among them, become
/// blanks.
[[nodiscard]] std::string one_line(std::string text);

}  // namespace migbench
