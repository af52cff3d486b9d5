// When an adaptive measurement has seen enough.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "bench/histogram.hpp"
#include "bench/units.hpp"

namespace migbench {

struct StoppingRule {
  double relative_width = 0.02;  ///< of the 95 % interval of the median, as a share of the median;
                                 ///< 0: never narrow enough
  std::size_t fewest = 100;      ///< samples before the interval is looked at
  std::size_t most = 1'000'000;  ///< samples at the most
  Nanoseconds budget{std::chrono::seconds{2}};
};

enum class Stopped { not_yet, narrow_enough, most_samples, budget_spent };

/// "narrow-enough", "most-samples", "budget-spent": what the record says.
[[nodiscard]] std::string_view name(Stopped why);

/// To be asked between batches, not between samples: it costs O(n).
[[nodiscard]] Stopped judge(const StoppingRule& rule, std::span<const std::int64_t> samples,
                            Nanoseconds spent);

/// The same for samples that are kept as a histogram; the interval is then as coarse as its
/// buckets.
[[nodiscard]] Stopped judge(const StoppingRule& rule, const Histogram& samples, Nanoseconds spent);

}  // namespace migbench
