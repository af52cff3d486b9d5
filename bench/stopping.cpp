#include "bench/stopping.hpp"

#include "bench/quantile.hpp"

namespace migbench {

std::string_view name(Stopped why) {
  switch (why) {
    case Stopped::not_yet:
      return "not-yet";
    case Stopped::narrow_enough:
      return "narrow-enough";
    case Stopped::most_samples:
      return "most-samples";
    case Stopped::budget_spent:
      return "budget-spent";
  }
  return "not-yet";
}

namespace {

/// `estimate` gives the MedianEstimate, if any: asked for only where it matters, since it is dear.
template <class Estimate>
Stopped judge_by(const StoppingRule& rule, std::size_t count, Nanoseconds spent,
                 const Estimate& estimate) {
  if (count >= rule.most) return Stopped::most_samples;
  if (count >= rule.fewest && rule.relative_width > 0) {
    const std::optional<MedianEstimate> found = estimate();
    if (found && found->interval && found->median > 0 &&
        found->interval->width() <= rule.relative_width * found->median) {
      return Stopped::narrow_enough;
    }
  }
  return spent >= rule.budget ? Stopped::budget_spent : Stopped::not_yet;
}

std::optional<MedianEstimate> estimate_median(const Histogram& histogram) {
  if (histogram.count() == 0) return std::nullopt;
  MedianEstimate found{histogram.quantile(0.5), std::nullopt};
  if (const auto ranks = quantile_ranks(static_cast<std::size_t>(histogram.count()), 0.5))
    found.interval = Interval{histogram.at_rank(ranks->low), histogram.at_rank(ranks->high)};
  return found;
}

}  // namespace

Stopped judge(const StoppingRule& rule, std::span<const std::int64_t> samples, Nanoseconds spent) {
  return judge_by(rule, samples.size(), spent, [&] { return migbench::estimate_median(samples); });
}

Stopped judge(const StoppingRule& rule, const Histogram& samples, Nanoseconds spent) {
  return judge_by(rule, static_cast<std::size_t>(samples.count()), spent,
                  [&] { return estimate_median(samples); });
}

}  // namespace migbench
