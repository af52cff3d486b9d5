#include "harness/stats/ranks.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "bench/quantile.hpp"

namespace migbench {
namespace {

/// The share of all orders of n + m values in which U is at most u, by the recurrence of Mann and
/// Whitney (1947): the largest value belongs to x, and adds m to U, or to y, and adds nothing.
double share_up_to(std::size_t u, std::size_t n, std::size_t m) {
  const std::size_t most = n * m;
  // orders[j][v]: how many orders of i x-values and j y-values have U = v
  std::vector<std::vector<double>> orders(m + 1, std::vector<double>(most + 1, 0.0));
  for (auto& row : orders)
    row[0] = 1;
  for (std::size_t i = 1; i <= n; ++i) {
    for (std::size_t j = 1; j <= m; ++j) {
      std::vector<double> next = orders[j - 1];
      for (std::size_t v = j; v <= most; ++v)
        next[v] += orders[j][v - j];
      orders[j] = std::move(next);
    }
  }
  const auto& counts = orders[m];
  const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
  const auto last = counts.begin() + static_cast<std::ptrdiff_t>(std::min(u, most)) + 1;
  return std::accumulate(counts.begin(), last, 0.0) / all;
}

/// Sum of t^3 - t over groups of t ties.
double tie_term(std::span<const double> values) {
  std::map<double, double> groups;
  for (const double value : values)
    ++groups[value];
  double sum = 0;
  for (const auto& group : groups)
    sum += std::pow(group.second, 3) - group.second;
  return sum;
}

double normal_p(double u, double n, double m, double ties) {
  const double total = n + m;
  const double variance = n * m / 12 * ((total + 1) - ties / (total * (total - 1)));
  if (!(variance > 0)) return 1;
  const double away = std::max(std::abs(u - n * m / 2) - 0.5, 0.0);
  const boost::math::normal_distribution<double> normal;
  return 2 * boost::math::cdf(boost::math::complement(normal, away / std::sqrt(variance)));
}

}  // namespace

std::vector<double> midranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]])
      ++last;
    for (std::size_t k = first; k <= last; ++k)
      ranks[order[k]] = static_cast<double>(first + last) / 2 + 1;
    first = last + 1;
  }
  return ranks;
}

MannWhitney mann_whitney(std::span<const double> x, std::span<const double> y) {
  std::vector<double> both(x.begin(), x.end());
  both.insert(both.end(), y.begin(), y.end());
  const std::vector<double> ranks = midranks(both);
  const auto n = static_cast<double>(x.size());
  const auto m = static_cast<double>(y.size());
  MannWhitney result;
  result.u =
      std::accumulate(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(x.size()), 0.0) -
      n * (n + 1) / 2;
  const double ties = tie_term(both);
  constexpr std::size_t kExactBelow = 50;
  result.exact = ties == 0 && x.size() < kExactBelow && y.size() < kExactBelow;
  if (result.exact) {
    const auto nearer = static_cast<std::size_t>(std::min(result.u, n * m - result.u));
    result.p = std::min(1.0, 2 * share_up_to(nearer, x.size(), y.size()));
  } else {
    result.p = normal_p(result.u, n, m, ties);
  }
  std::vector<double> differences;
  differences.reserve(both.size());
  for (const double a : x) {
    for (const double b : y)
      differences.push_back(a - b);
  }
  std::sort(differences.begin(), differences.end());
  result.hodges_lehmann = quantile_sorted(differences, 0.5);
  return result;
}

Spearman spearman(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size()) throw std::logic_error("spearman: sides of different lengths");
  if (x.size() < 3) return {};
  const std::vector<double> a = midranks(x);
  const std::vector<double> b = midranks(y);
  const double middle = (static_cast<double>(x.size()) + 1) / 2;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - middle) * (b[i] - middle);
    aa += (a[i] - middle) * (a[i] - middle);
    bb += (b[i] - middle) * (b[i] - middle);
  }
  if (aa == 0 || bb == 0) return {};
  Spearman result;
  result.rho = std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0);
  const auto freedom = static_cast<double>(x.size() - 2);
  if (std::abs(result.rho) == 1) {
    result.p = 0;
    return result;
  }
  const double t = result.rho * std::sqrt(freedom / (1 - result.rho * result.rho));
  const boost::math::students_t_distribution<double> student(freedom);
  result.p = 2 * boost::math::cdf(boost::math::complement(student, std::abs(t)));
  return result;
}

}  // namespace migbench
