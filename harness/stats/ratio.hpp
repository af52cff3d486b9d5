// How much slower or faster: a ratio with a bootstrap interval over launches.
//
// Interleaved launches share their round's weather (other users, clock speed, page cache). Where
// rounds match, the ratio is taken inside each round, so that the weather cancels out, and the
// estimate is the median of those ratios; whole rounds are resampled. Where they do not match, it
// is the ratio of the two medians, and each side is resampled by itself. docs/statistics.md has the
// simulations behind this choice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bench/quantile.hpp"

namespace migbench {

/// One observation: a launch, never an iteration inside one.
struct Launch {
  std::int64_t round = 0;
  double value = 0;
};

enum class RatioEstimator { within_rounds, of_medians };

/// "median of the ratios within rounds", "ratio of the medians".
[[nodiscard]] std::string_view name(RatioEstimator estimator);

/// The tail of a percentile interval that matches a tail of Student's t with n - 1 degrees of
/// freedom: Phi(sqrt(n / (n - 1)) t(tail)).
[[nodiscard]] double expanded_tail(double tail, double n);

class RatioBootstrap {
 public:
  static constexpr std::size_t kResamples = 10'000;

  /// Nothing where a side is empty or holds a value that is not above zero: such a ratio has no
  /// meaning.
  [[nodiscard]] static std::optional<RatioBootstrap> make(std::span<const Launch> value,
                                                          std::span<const Launch> baseline,
                                                          std::uint64_t seed);

  [[nodiscard]] double ratio() const noexcept { return ratio_; }
  /// Within rounds where at least kFewestForInterval rounds, and three quarters of the launches of
  /// the larger side, have a partner.
  [[nodiscard]] RatioEstimator estimator() const noexcept { return estimator_; }
  /// Matched rounds, or launches of the smaller side.
  [[nodiscard]] std::size_t fewest() const noexcept { return fewest_; }

  /// The expanded percentile interval (Hesterberg, The American Statistician 69 (2015) 371, section
  /// 5.2): the plain percentile interval is too narrow for few launches, so its tails are moved out
  /// as Student's t is from the normal. Nothing where a side has fewer than kFewestForInterval.
  [[nodiscard]] std::optional<Interval> interval(double alpha = 0.05) const;

  /// The smallest two-sided alpha whose interval lies wholly on one side of `value`; not below what
  /// a permutation test could claim from as many launches.
  [[nodiscard]] double alpha_beside(double value) const;
  /// The smallest alpha whose interval lies wholly inside.
  [[nodiscard]] double alpha_inside(Interval margin) const;

 private:
  RatioBootstrap() = default;
  [[nodiscard]] double alpha_of_tail(std::ptrdiff_t beyond) const;
  [[nodiscard]] bool apart(double threshold) const;
  [[nodiscard]] double alpha_against(double threshold, std::ptrdiff_t beyond) const;

  std::vector<double> value_, baseline_;  ///< the launches that are compared
  std::vector<double> sorted_;            ///< the resampled ratios
  double ratio_ = 0;
  RatioEstimator estimator_ = RatioEstimator::of_medians;
  std::size_t fewest_ = 0;
};

}  // namespace migbench
