#include "harness/stats/verdict.hpp"

#include <algorithm>
#include <cmath>

namespace migbench {

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::faster:
      return "faster";
    case Verdict::slower:
      return "slower";
    case Verdict::same:
      return "same";
    case Verdict::ambiguous:
      break;
  }
  return "ambiguous";
}

Interval margin_around_one(double share) {
  return {1 / (1 + share), 1 + share};
}

Verdict judge(const std::optional<Interval>& ratio, double margin, Better better) {
  if (!ratio) return Verdict::ambiguous;
  const Interval equal = margin_around_one(margin);
  if (equal.low <= ratio->low && ratio->high <= equal.high) return Verdict::same;
  if (ratio->high < 1) return better == Better::lower ? Verdict::faster : Verdict::slower;
  if (ratio->low > 1) return better == Better::lower ? Verdict::slower : Verdict::faster;
  return Verdict::ambiguous;
}

double alpha_of_verdict(const RatioBootstrap& ratio, double margin) {
  return std::min(ratio.alpha_beside(1), ratio.alpha_inside(margin_around_one(margin)));
}

FamilyLevel family_level(std::span<const double> alphas, double rate) {
  std::vector<double> sorted(alphas.begin(), alphas.end());
  std::sort(sorted.begin(), sorted.end());
  FamilyLevel level{sorted.size(), 0, rate};
  if (sorted.empty()) return level;
  const auto step = rate / static_cast<double>(sorted.size());
  for (std::size_t r = sorted.size(); r > 0 && level.conclusive == 0; --r) {
    if (sorted[r - 1] <= step * static_cast<double>(r)) level.conclusive = r;
  }
  level.alpha = step * static_cast<double>(std::max<std::size_t>(level.conclusive, 1));
  return level;
}

std::optional<std::size_t> launches_for_verdict(double ratio, const Interval& interval,
                                                std::size_t launches, double margin) {
  if (!(ratio > 0) || !(interval.low > 0) || !std::isfinite(interval.high)) return std::nullopt;
  // An interval's half width goes with 1/sqrt(n). It must fit between the ratio and the nearest
  // border of a verdict, (1.96 + 0.84) / 1.96 times to reach 80 % power (normal quantiles).
  constexpr double kPower = (1.96 + 0.84) / 1.96;
  constexpr double kMost = 1000;
  const double half = std::log(interval.high / interval.low) / 2;
  const double away = std::abs(std::log(ratio));
  const double room = std::max(away, std::log1p(margin) - away);
  const double needed =
      std::ceil(static_cast<double>(launches) * std::pow(kPower * half / room, 2));
  if (!(needed <= kMost)) return std::nullopt;
  return std::max(static_cast<std::size_t>(needed), launches + 1);
}

}  // namespace migbench
