#include "bench/quantile.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <boost/math/distributions/binomial.hpp>

namespace migbench {

std::optional<Ranks> quantile_ranks(std::size_t n, double p, double confidence) {
  if (n == 0) return std::nullopt;
  const double tail = (1 - confidence) / 2;
  const boost::math::binomial_distribution<double> below(static_cast<double>(n), p);
  // Low: the largest rank l (1-based) with P(B < l) = P(B <= l-1) <= tail. High, likewise, the
  // smallest rank u with P(B >= u) <= tail. boost's quantile gives a starting point; the exact
  // conditions decide.
  const auto start = boost::math::quantile(below, tail);
  auto low = static_cast<std::ptrdiff_t>(start) + 1;
  while (low >= 1 && boost::math::cdf(below, static_cast<double>(low - 1)) > tail)
    --low;
  auto high =
      static_cast<std::ptrdiff_t>(boost::math::quantile(boost::math::complement(below, tail))) - 1;
  high = std::max<std::ptrdiff_t>(high, 1);
  const auto last = static_cast<std::ptrdiff_t>(n);
  while (high <= last &&
         boost::math::cdf(boost::math::complement(below, static_cast<double>(high - 1))) > tail) {
    ++high;
  }
  if (low < 1 || high > last) return std::nullopt;
  return Ranks{static_cast<std::size_t>(low - 1), static_cast<std::size_t>(high - 1)};
}

double quantile_sorted(std::span<const double> sorted, double p) {
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - std::floor(position)) * (sorted[above] - sorted[below]);
}

double median_in_place(std::span<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double median_of(std::vector<double> values) {
  return median_in_place(values);
}

std::optional<Summary> summarize(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  Summary s;
  s.n = sorted.size();
  s.median = quantile_sorted(sorted, 0.5);
  if (const auto ranks = quantile_ranks(s.n, 0.5))
    s.interval = Interval{sorted[ranks->low], sorted[ranks->high]};
  s.minimum = sorted.front();
  s.maximum = sorted.back();
  s.p01 = quantile_sorted(sorted, 0.01);
  s.p25 = quantile_sorted(sorted, 0.25);
  s.p75 = quantile_sorted(sorted, 0.75);
  s.p90 = quantile_sorted(sorted, 0.90);
  s.p99 = quantile_sorted(sorted, 0.99);
  s.p999 = quantile_sorted(sorted, 0.999);
  s.mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / static_cast<double>(s.n);
  return s;
}

std::optional<Summary> summarize(std::span<const std::int64_t> values) {
  const std::vector<double> copy(values.begin(), values.end());
  return summarize(std::span<const double>(copy));
}

std::optional<MedianEstimate> estimate_median(std::span<const std::int64_t> values) {
  if (values.empty()) return std::nullopt;
  std::vector<std::int64_t> copy(values.begin(), values.end());
  const auto rank = [&](std::size_t k) {
    std::nth_element(copy.begin(), copy.begin() + static_cast<std::ptrdiff_t>(k), copy.end());
    return static_cast<double>(copy[k]);
  };
  MedianEstimate estimate;
  estimate.median = (rank((copy.size() - 1) / 2) + rank(copy.size() / 2)) / 2;
  if (const auto ranks = quantile_ranks(copy.size(), 0.5))
    estimate.interval = Interval{rank(ranks->low), rank(ranks->high)};
  return estimate;
}

}  // namespace migbench
