// What a ratio says, for one comparison and for many at once.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bench/quantile.hpp"
#include "harness/stats/ratio.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {

enum class Verdict {
  faster,    ///< the whole interval is on the better side of 1
  slower,    ///< on the worse side
  same,      ///< the whole interval lies inside the margin, whichever side of 1 it is on
  ambiguous  ///< not enough evidence for any of these
};
[[nodiscard]] std::string_view name(Verdict verdict);

/// Ratios that count as equal: [1 / (1 + share), 1 + share], symmetric for a ratio and its inverse.
[[nodiscard]] Interval margin_around_one(double share);

/// No interval: ambiguous.
[[nodiscard]] Verdict judge(const std::optional<Interval>& ratio, double margin, Better better);

/// The smallest alpha at which the comparison has another verdict than `ambiguous`.
[[nodiscard]] double alpha_of_verdict(const RatioBootstrap& ratio, double margin);

/// The alpha of every interval of a family of comparisons, so that of the verdicts that are given
/// at most a share `rate` is expected to be wrong: step-up over the verdicts' own alphas (Benjamini
/// and Hochberg 1995), intervals widened to the share of them that is given (false coverage rate:
/// Benjamini and Yekutieli, JASA 100 (2005) 71).
struct FamilyLevel {
  std::size_t comparisons = 0;
  std::size_t conclusive = 0;
  double alpha = 0.05;  ///< rate * max(conclusive, 1) / comparisons
};
[[nodiscard]] FamilyLevel family_level(std::span<const double> alphas, double rate = 0.05);

/// Launches a side until the comparison is likely (80 %) to have a verdict, if the ratio and the
/// noise stay as they were seen; at least one more than `launches`. Nothing where a thousand would
/// not do, as for a ratio that sits on the margin.
[[nodiscard]] std::optional<std::size_t> launches_for_verdict(double ratio,
                                                              const Interval& interval,
                                                              std::size_t launches, double margin);

}  // namespace migbench
