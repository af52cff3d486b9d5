// What a median hides: outliers, two modes, drift over the run. All of it is flagged and shown;
// nothing is ever removed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace migbench {

inline constexpr std::size_t kFewestForOutliers = 6;
inline constexpr std::size_t kFewestForModes = 10;
inline constexpr std::size_t kFewestForDrift = 8;

/// Indices of values whose modified z-score, 0.6745 |x - median| / MAD, is above 3.5 (Iglewicz and
/// Hoaglin, How to Detect and Handle Outliers, 1993), and above what 95 % of simulated normal
/// samples of that size reach: with few values the MAD is so uncertain that 3.5 would flag one in
/// every third sample. It must also lie outside Tukey's fences (1.5 interquartile ranges beyond the
/// quartiles), so that a second group is not taken for outliers. Where more than half of the values
/// are equal (MAD = 0), their mean absolute deviation takes its place. None below
/// kFewestForOutliers.
[[nodiscard]] std::vector<std::size_t> outliers(std::span<const double> values);

/// Two groups of values that are told apart too well for one mode.
struct TwoModes {
  double low = 0, high = 0;  ///< medians of the two groups
  std::size_t low_count = 0, high_count = 0;
};

/// Splits the sorted values where the variance between two groups (of at least three and a fifth of
/// the values) is largest, and compares its share of the whole variance with the 99 % quantile for
/// as many uniform values, the least favourable of all shapes with one mode (as Hartigan and
/// Hartigan, Ann. Statist. 13 (1985) 70, argue for their dip). Nothing is found below
/// kFewestForModes.
[[nodiscard]] std::optional<TwoModes> two_modes(std::span<const double> values);

struct Drift {
  double rho = 0;  ///< Spearman's, of value against position
  double p = 1;
  double change = 0;  ///< median of the last third over the median of the first
};

/// Values against their positions in the run's schedule. Nothing where p is above 0.01, or below
/// kFewestForDrift values.
[[nodiscard]] std::optional<Drift> drift(std::span<const double> positions,
                                         std::span<const double> values);

/// The mean of rates over equal amounts of work. Nothing where a rate is not above zero.
[[nodiscard]] std::optional<double> harmonic_mean(std::span<const double> rates);

}  // namespace migbench
