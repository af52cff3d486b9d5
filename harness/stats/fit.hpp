// A straight line through a sweep: what is fixed cost, and what every further unit costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "bench/quantile.hpp"

namespace migbench {

struct FitPoint {
  double x = 0;
  double y = 0;
};

struct LineFit {
  std::size_t n = 0;       ///< observations
  std::size_t points = 0;  ///< different x
  double slope = 0;        ///< median of the slopes of all pairs (Theil 1950, Sen 1968)
  double intercept = 0;    ///< median of y - slope * x
  std::optional<Interval> slope_interval{};      ///< 95 %; empty where a point has fewer than
  std::optional<Interval> intercept_interval{};  ///< three observations
  /// Largest distance of a point's median from the line, as a share of that median: what a straight
  /// line does not tell.
  double misfit = 0;
};

/// Nothing below three different x. Intervals are percentiles of a bootstrap that draws again
/// inside each point, since the points were chosen and the launches were not.
[[nodiscard]] std::optional<LineFit> fit_line(std::span<const FitPoint> observations,
                                              std::uint64_t seed);

}  // namespace migbench
