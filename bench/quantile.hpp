// Medians and quantiles with nonparametric intervals.
//
// The interval of a quantile is made of two order statistics: for independent samples the number of
// samples below the p-quantile is binomial(n, p) whatever their distribution, so the ranks come
// from that distribution and the coverage is at least what was asked (Conover, Practical
// Nonparametric Statistics, 3.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace migbench {

/// Below this no two order statistics cover a median with 95 %: 1 - 2 * 0.5^5 = 0.9375.
inline constexpr std::size_t kFewestForInterval = 6;

struct Interval {
  double low = 0;
  double high = 0;
  [[nodiscard]] double width() const noexcept { return high - low; }
  [[nodiscard]] bool contains(double value) const noexcept { return low <= value && value <= high; }
};

/// The ranks (0-based) of the order statistics around the p-quantile of n samples, or nothing where
/// n is too small for this confidence.
struct Ranks {
  std::size_t low = 0;
  std::size_t high = 0;
};
[[nodiscard]] std::optional<Ranks> quantile_ranks(std::size_t n, double p,
                                                  double confidence = 0.95);

/// A quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan: R's
/// default). `sorted` must be sorted and not empty.
[[nodiscard]] double quantile_sorted(std::span<const double> sorted, double p);

/// The median of values that are not empty, which it puts into another order: O(n).
[[nodiscard]] double median_in_place(std::span<double> values);
[[nodiscard]] double median_of(std::vector<double> values);

struct Summary {
  std::size_t n = 0;
  double median = 0;
  std::optional<Interval> interval;  ///< of the median, 95 %; empty below n = 6
  double minimum = 0;
  double maximum = 0;
  double p01 = 0, p25 = 0, p75 = 0, p90 = 0, p99 = 0, p999 = 0;
  double mean = 0;
};

/// Empty input gives nothing.
[[nodiscard]] std::optional<Summary> summarize(std::span<const double> values);
[[nodiscard]] std::optional<Summary> summarize(std::span<const std::int64_t> values);

/// Only the median and its interval, for adaptive stopping: O(n).
struct MedianEstimate {
  double median = 0;
  std::optional<Interval> interval;
};
[[nodiscard]] std::optional<MedianEstimate> estimate_median(std::span<const std::int64_t> values);

}  // namespace migbench
