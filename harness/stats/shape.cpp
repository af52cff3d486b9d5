#include "harness/stats/shape.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <numeric>

#include "bench/quantile.hpp"
#include "harness/stats/random.hpp"
#include "harness/stats/ranks.hpp"

namespace migbench {
namespace {

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return quantile_sorted(values, 0.5);
}

struct Split {
  std::size_t at = 0;  ///< values below the split
  double share = 0;    ///< of the variance that lies between the groups
};

Split best_split(std::span<const double> sorted) {
  const auto n = static_cast<double>(sorted.size());
  const double mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / n;
  double whole = 0;
  for (const double value : sorted)
    whole += (value - mean) * (value - mean);
  Split best;
  if (!(whole > 0)) return best;
  const std::size_t fewest = std::max<std::size_t>(3, sorted.size() / 5);
  double below = 0;  // sum of (value - mean) of the lower group
  for (std::size_t k = 1; k + fewest <= sorted.size(); ++k) {
    below += sorted[k - 1] - mean;
    if (k < fewest) continue;
    const auto count = static_cast<double>(k);
    const double share = below * below * (1 / count + 1 / (n - count)) / whole;
    if (share > best.share) best = {k, share};
  }
  return best;
}

/// 99 % quantile of the best split's share for n uniform values, from 2000 seeded draws.
double one_mode_limit(std::size_t n) {
  static std::mutex guard;
  static std::map<std::size_t, double> known;
  const std::lock_guard<std::mutex> lock(guard);
  if (const auto found = known.find(n); found != known.end()) return found->second;
  constexpr std::size_t kDraws = 2000;
  Random random(n);
  std::vector<double> shares(kDraws), values(n);
  for (double& share : shares) {
    std::generate(values.begin(), values.end(), [&] { return random.uniform(); });
    std::sort(values.begin(), values.end());
    share = best_split(values).share;
  }
  std::sort(shares.begin(), shares.end());
  return known[n] = quantile_sorted(shares, 0.99);
}

}  // namespace

std::vector<std::size_t> outliers(std::span<const double> values) {
  constexpr std::size_t kFewest = 5;
  constexpr double kLimit = 3.5;
  if (values.size() < kFewest) return {};
  const double median = median_of({values.begin(), values.end()});
  std::vector<double> deviations;
  for (const double value : values)
    deviations.push_back(std::abs(value - median));
  // Both scales estimate the standard deviation of a normal distribution.
  double scale = median_of(deviations) / 0.6745;
  if (scale == 0) {
    const double mean = std::accumulate(deviations.begin(), deviations.end(), 0.0) /
                        static_cast<double>(deviations.size());
    scale = mean * 1.253314;
  }
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (deviations[i] > kLimit * scale) found.push_back(i);
  }
  return found;
}

std::optional<TwoModes> two_modes(std::span<const double> values) {
  if (values.size() < kFewestForModes) return std::nullopt;
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const Split split = best_split(sorted);
  if (split.share <= one_mode_limit(sorted.size())) return std::nullopt;
  const std::span<const double> all(sorted);
  return TwoModes{quantile_sorted(all.first(split.at), 0.5),
                  quantile_sorted(all.subspan(split.at), 0.5), split.at, sorted.size() - split.at};
}

std::optional<Drift> drift(std::span<const double> positions, std::span<const double> values) {
  constexpr double kLevel = 0.01;
  if (values.size() < kFewestForDrift) return std::nullopt;
  const Spearman trend = spearman(positions, values);
  if (trend.p > kLevel) return std::nullopt;
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return positions[a] < positions[b]; });
  std::vector<double> first, last;
  for (std::size_t i = 0; i < values.size() / 3; ++i) {
    first.push_back(values[order[i]]);
    last.push_back(values[order[order.size() - 1 - i]]);
  }
  return Drift{trend.rho, trend.p, median_of(last) / median_of(first)};
}

std::optional<double> harmonic_mean(std::span<const double> rates) {
  double sum = 0;
  for (const double rate : rates) {
    if (!(rate > 0)) return std::nullopt;
    sum += 1 / rate;
  }
  if (rates.empty()) return std::nullopt;
  return static_cast<double>(rates.size()) / sum;
}

}  // namespace migbench
