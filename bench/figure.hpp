// Figures made from samples, and how samples and figures are written in a driver's document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/quantile.hpp"
#include "bench/recorder.hpp"

namespace migbench {

/// A figure with its 95 % interval, where there are samples enough for one.
struct Figure {
  double median = 0;
  std::optional<Interval> interval;
  double mean = 0;  ///< over all iterations: what benchmarks that time one batch print
};

/// Durations in nanoseconds times `scale`: microseconds of half a round trip with 0.5e-3.
[[nodiscard]] Figure scaled_figure(const Summary& durations, double scale);
/// `amount` in each of those durations, as a rate a second times `scale`. The slow end of the
/// durations is the low end of the rates; the mean is all of the amount over all of the time (the
/// harmonic mean of the rates).
[[nodiscard]] Figure rate_figure(const Summary& durations, double amount, double scale);

/// At most `most` of the samples, evenly spaced in time, the first among them.
[[nodiscard]] std::vector<std::int64_t> thin(std::span<const std::int64_t> samples,
                                             std::size_t most);

/// {"n", "median", "interval": [low, high] or null, "minimum", "maximum", "p01", ..., "mean"}.
[[nodiscard]] nlohmann::json to_json(const Summary& summary);
/// {"unit", "median", "interval", "mean"}
[[nodiscard]] nlohmann::json to_json(const Figure& figure, const char* unit);
/// {"samples", "samples_kept", "samples_taken", "summary_of"} with at most `most` of them, or
/// {"histogram", "summary_of"}.
[[nodiscard]] nlohmann::json samples_json(const Recorder& recorder, std::size_t most);

}  // namespace migbench
