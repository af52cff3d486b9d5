#include "harness/stats/shape.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <numbers>
#include <numeric>

#include "bench/quantile.hpp"
#include "harness/stats/random.hpp"
#include "harness/stats/ranks.hpp"

namespace migbench {
namespace {

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

/// A quantile of a statistic of n simulated values, from 2000 seeded draws; each n is simulated
/// once.
class SimulatedLimits {
 public:
  template <class Draw, class Statistic>
  double at(std::size_t n, double share, Draw draw, Statistic statistic) {
    const std::lock_guard<std::mutex> lock(guard_);
    if (const auto found = known_.find(n); found != known_.end()) return found->second;
    constexpr std::size_t kDraws = 2000;
    Random random(n);
    std::vector<double> found(kDraws), values(n);
    for (double& one : found) {
      std::generate(values.begin(), values.end(), [&] { return draw(random); });
      std::sort(values.begin(), values.end());
      one = statistic(values);
    }
    std::sort(found.begin(), found.end());
    return known_[n] = quantile_sorted(found, share);
  }

 private:
  std::mutex guard_;
  std::map<std::size_t, double> known_;
};

double one_mode_limit(std::size_t n) {
  static SimulatedLimits limits;
  return limits.at(
      n, 0.99, [](Random& random) { return random.uniform(); },
      [](const std::vector<double>& sorted) { return best_split(sorted).share; });
}

std::vector<double> modified_z_scores(std::span<const double> values) {
  const double median = median_of({values.begin(), values.end()});
  std::vector<double> scores;
  for (const double value : values)
    scores.push_back(std::abs(value - median));
  // Both scales estimate the standard deviation of a normal distribution.
  double scale = median_of(scores) / 0.6745;
  if (scale == 0) {
    const double mean =
        std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size());
    scale = mean * 1.253314;
  }
  for (double& score : scores)
    score = scale > 0 ? score / scale : 0;
  return scores;
}

/// The largest score that 95 % of samples of n normal values stay below.
double outlier_limit(std::size_t n) {
  static SimulatedLimits limits;
  constexpr double kIglewiczHoaglin = 3.5;
  const double simulated = limits.at(
      n, 0.95,
      [](Random& random) {
        // Box and Muller (1958)
        const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
        return radius * std::cos(2 * std::numbers::pi * random.uniform());
      },
      [](const std::vector<double>& sorted) {
        const auto scores = modified_z_scores(sorted);
        return *std::max_element(scores.begin(), scores.end());
      });
  return std::max(kIglewiczHoaglin, simulated);
}

}  // namespace

std::vector<std::size_t> outliers(std::span<const double> values) {
  if (values.size() < kFewestForOutliers) return {};
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const double low = quantile_sorted(sorted, 0.25);
  const double high = quantile_sorted(sorted, 0.75);
  const double reach = 1.5 * (high - low);
  const auto scores = modified_z_scores(values);
  const double limit = outlier_limit(values.size());
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool fenced_off = values[i] < low - reach || values[i] > high + reach;
    if (fenced_off && scores[i] > limit) found.push_back(i);
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
