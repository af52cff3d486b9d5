// How many samples to take before looking again: adaptive measurements run in blocks, and whoever
// measures together talks between blocks only, never inside one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bench/stopping.hpp"
#include "bench/units.hpp"

namespace migbench {

/// A block takes no longer than this, so that a budget is kept to this.
inline constexpr Nanoseconds kLongestBlock{std::chrono::milliseconds{100}};
/// What an automatic batch takes: 200,000 clock readings, so that their cost is nothing in it.
inline constexpr Nanoseconds kBatchTime{std::chrono::milliseconds{5}};

/// Where a measurement stands.
struct Progress {
  std::size_t samples = 0;  ///< taken so far
  std::size_t room = 0;     ///< samples that can be stored before the store is settled again
  Nanoseconds spent{};
  double per_sample_ns = 0;  ///< estimate; 0: unknown
};

/// How many samples to take next: as many as there are (so that looking at them costs O(n) in all),
/// but at least what the rule wants before it looks, and no more than fit the store, the rule, the
/// rest of the budget and kLongestBlock. At least 1.
[[nodiscard]] std::int64_t next_block(const StoppingRule& rule, const Progress& progress);

/// Iterations of an automatic batch that takes kBatchTime and no more than a tenth of the budget.
[[nodiscard]] std::int64_t automatic_batch(Nanoseconds budget, double per_iteration_ns);

}  // namespace migbench
