#include "harness/stats/fit.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "harness/stats/random.hpp"

namespace migbench {
namespace {

constexpr std::size_t kResamples = 2000;
constexpr std::size_t kFewestAPoint = 3;
/// All pairs are looked at up to here; beyond, this many are drawn.
constexpr std::size_t kMostPairs = 5'000;

using Points = std::map<double, std::vector<double>>;

std::vector<FitPoint> flat(const Points& points) {
  std::vector<FitPoint> list;
  for (const auto& [x, ys] : points) {
    for (const double y : ys)
      list.push_back({x, y});
  }
  return list;
}

struct Line {
  double slope = 0, intercept = 0;
};

Line theil_sen(const std::vector<FitPoint>& all, Random& random) {
  std::vector<double> slopes;
  const auto add = [&](const FitPoint& a, const FitPoint& b) {
    if (a.x != b.x) slopes.push_back((b.y - a.y) / (b.x - a.x));
  };
  if (all.size() * (all.size() - 1) / 2 <= kMostPairs) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = i + 1; j < all.size(); ++j)
        add(all[i], all[j]);
    }
  } else {
    while (slopes.size() < kMostPairs)
      add(all[random.below(all.size())], all[random.below(all.size())]);
  }
  Line line;
  line.slope = median_in_place(slopes);
  std::vector<double> rests;
  for (const FitPoint& one : all)
    rests.push_back(one.y - line.slope * one.x);
  line.intercept = median_in_place(rests);
  return line;
}

Points drawn_again(const Points& points, Random& random) {
  Points drawn;
  for (const auto& [x, ys] : points) {
    auto& list = drawn[x];
    for (std::size_t i = 0; i < ys.size(); ++i)
      list.push_back(ys[random.below(ys.size())]);
  }
  return drawn;
}

Interval percentiles(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  return {quantile_sorted(values, 0.025), quantile_sorted(values, 0.975)};
}

double worst_misfit(const Points& points, const Line& line) {
  double worst = 0;
  for (const auto& [x, ys] : points) {
    std::vector<double> copy = ys;
    const double median = median_in_place(copy);
    if (median != 0)
      worst = std::max(worst, std::abs((median - line.intercept - line.slope * x) / median));
  }
  return worst;
}

}  // namespace

std::optional<LineFit> fit_line(std::span<const FitPoint> observations, std::uint64_t seed) {
  Points points;
  for (const FitPoint& one : observations)
    points[one.x].push_back(one.y);
  if (points.size() < 3) return std::nullopt;
  Random random(seed);
  const Line line = theil_sen(flat(points), random);
  LineFit fit{observations.size(),       points.size(), line.slope, line.intercept, {}, {},
              worst_misfit(points, line)};
  const bool enough = std::all_of(points.begin(), points.end(), [](const auto& point) {
    return point.second.size() >= kFewestAPoint;
  });
  if (!enough) return fit;
  std::vector<double> slopes, intercepts;
  for (std::size_t i = 0; i < kResamples; ++i) {
    const Line again = theil_sen(flat(drawn_again(points, random)), random);
    slopes.push_back(again.slope);
    intercepts.push_back(again.intercept);
  }
  fit.slope_interval = percentiles(slopes);
  fit.intercept_interval = percentiles(intercepts);
  return fit;
}

}  // namespace migbench
