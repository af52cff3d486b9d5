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

Stopped judge(const StoppingRule& rule, std::span<const std::int64_t> samples, Nanoseconds spent) {
  if (samples.size() >= rule.most) return Stopped::most_samples;
  if (samples.size() >= rule.fewest && rule.relative_width > 0) {
    const auto estimate = estimate_median(samples);
    if (estimate && estimate->interval && estimate->median > 0 &&
        estimate->interval->width() <= rule.relative_width * estimate->median) {
      return Stopped::narrow_enough;
    }
  }
  return spent >= rule.budget ? Stopped::budget_spent : Stopped::not_yet;
}

}  // namespace migbench
