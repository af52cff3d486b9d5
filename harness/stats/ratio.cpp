#include "harness/stats/ratio.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "harness/stats/random.hpp"

namespace migbench {
namespace {

bool all_positive(std::span<const Launch> launches) {
  return !launches.empty() && std::all_of(launches.begin(), launches.end(), [](const Launch& l) {
    return l.value > 0 && std::isfinite(l.value);
  });
}

std::vector<double> values_of(std::span<const Launch> launches) {
  std::vector<double> values;
  for (const Launch& launch : launches)
    values.push_back(launch.value);
  return values;
}

/// The ratio in every round that has a launch of both sides; of two launches of one side in one
/// round the later counts.
std::vector<double> ratios_within_rounds(std::span<const Launch> value,
                                         std::span<const Launch> baseline) {
  std::map<std::int64_t, double> below;
  for (const Launch& launch : baseline)
    below[launch.round] = launch.value;
  std::map<std::int64_t, double> ratios;
  for (const Launch& launch : value) {
    if (const auto found = below.find(launch.round); found != below.end())
      ratios[launch.round] = launch.value / found->second;
  }
  std::vector<double> list;
  for (const auto& entry : ratios)
    list.push_back(entry.second);
  return list;
}

double draw_median(const std::vector<double>& from, std::vector<double>& buffer, Random& random) {
  buffer.resize(from.size());
  for (double& value : buffer)
    value = from[random.below(from.size())];
  return median_in_place(buffer);
}

/// kResamples sorted values of `draw`.
template <class Draw>
std::vector<double> resample(Draw draw) {
  std::vector<double> drawn(RatioBootstrap::kResamples);
  std::generate(drawn.begin(), drawn.end(), draw);
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

}  // namespace

double expanded_tail(double tail, double n) {
  const boost::math::students_t_distribution<double> student(n - 1);
  const double t = boost::math::quantile(student, tail);
  return boost::math::cdf(boost::math::normal_distribution<double>(), std::sqrt(n / (n - 1)) * t);
}

std::string_view name(RatioEstimator estimator) {
  return estimator == RatioEstimator::within_rounds ? "median of the ratios within rounds"
                                                    : "ratio of the medians";
}

std::optional<RatioBootstrap> RatioBootstrap::make(std::span<const Launch> value,
                                                   std::span<const Launch> baseline,
                                                   std::uint64_t seed) {
  if (!all_positive(value) || !all_positive(baseline)) return std::nullopt;
  RatioBootstrap made;
  made.value_ = values_of(value);
  made.baseline_ = values_of(baseline);
  std::vector<double> within = ratios_within_rounds(value, baseline);
  Random random(seed);
  std::vector<double> buffer;
  if (within.size() >= kFewestForInterval &&
      4 * within.size() >= 3 * std::max(value.size(), baseline.size())) {
    made.estimator_ = RatioEstimator::within_rounds;
    made.fewest_ = within.size();
    made.ratio_ = median_in_place(within);
    made.sorted_ = resample([&] { return draw_median(within, buffer, random); });
    return made;
  }
  made.fewest_ = std::min(value.size(), baseline.size());
  made.ratio_ = median_in_place(made.value_) / median_in_place(made.baseline_);
  if (made.fewest_ < kFewestForInterval) return made;
  made.sorted_ = resample([&] {
    const double above = draw_median(made.value_, buffer, random);
    return above / draw_median(made.baseline_, buffer, random);
  });
  return made;
}

std::optional<Interval> RatioBootstrap::interval(double alpha) const {
  if (sorted_.empty()) return std::nullopt;
  const double tail = expanded_tail(alpha / 2, static_cast<double>(fewest_));
  return Interval{quantile_sorted(sorted_, tail), quantile_sorted(sorted_, 1 - tail)};
}

bool RatioBootstrap::apart(double threshold) const {
  const auto [value_low, value_high] = std::minmax_element(value_.begin(), value_.end());
  const auto [base_low, base_high] = std::minmax_element(baseline_.begin(), baseline_.end());
  return *value_high < threshold * *base_low || *value_low > threshold * *base_high;
}

double RatioBootstrap::alpha_against(double threshold, std::ptrdiff_t beyond) const {
  if (beyond == 0 && apart(threshold)) {
    // No resample says otherwise and the sides do not overlap: what all exchanges of launches say,
    // 2 / binomial(n + m, n), by logarithms since the coefficient overflows.
    const auto n = static_cast<double>(value_.size());
    const auto m = static_cast<double>(baseline_.size());
    return 2 * std::exp(std::lgamma(n + 1) + std::lgamma(m + 1) - std::lgamma(n + m + 1));
  }
  const auto rounds = static_cast<int>(std::min<std::size_t>(fewest_, 1000));
  const double signs = estimator_ == RatioEstimator::within_rounds ? std::ldexp(1, 1 - rounds) : 0;
  return std::max(signs, alpha_of_tail(beyond));
}

double RatioBootstrap::alpha_of_tail(std::ptrdiff_t beyond) const {
  const auto n = static_cast<double>(fewest_);
  const auto resamples = static_cast<double>(sorted_.size());
  // One more than was seen: a tail that no resample reached is not proven empty.
  const double tail = std::min((static_cast<double>(beyond) + 1) / (resamples + 1), 0.5);
  const double z = boost::math::quantile(boost::math::normal_distribution<double>(), tail);
  const boost::math::students_t_distribution<double> student(n - 1);
  return 2 * boost::math::cdf(student, z * std::sqrt((n - 1) / n));
}

double RatioBootstrap::alpha_beside(double value) const {
  if (sorted_.empty()) return 1;
  const auto first = std::lower_bound(sorted_.begin(), sorted_.end(), value);
  const auto last = std::upper_bound(first, sorted_.end(), value);
  return alpha_against(value, std::min(last - sorted_.begin(), sorted_.end() - first));
}

double RatioBootstrap::alpha_inside(Interval margin) const {
  if (sorted_.empty()) return 1;
  const auto low = std::lower_bound(sorted_.begin(), sorted_.end(), margin.low);
  const auto high = std::upper_bound(sorted_.begin(), sorted_.end(), margin.high);
  return std::max(alpha_against(margin.low, low - sorted_.begin()),
                  alpha_against(margin.high, sorted_.end() - high));
}

}  // namespace migbench
