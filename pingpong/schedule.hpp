// How many samples to take before looking again, and how all pairs come to the same answer.
//
// Both ranks of a pair must do the same number of iterations, and pairs that measure at once must
// go on for as long as one of them has not seen enough, or the last one would measure without the
// load of the others. So ranks talk, but only between blocks of samples, never inside one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "bench/stopping.hpp"
#include "bench/units.hpp"

namespace migbench::pingpong {

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

/// What a rank wants. A rank without an opinion (one that answers) uses the defaults.
struct Proposal {
  bool go_on = false;
  std::int64_t samples = std::numeric_limits<std::int64_t>::max();
};

/// A Proposal as two numbers whose larger ones win: what MPI_MAX makes of the proposals of all
/// ranks is their agreement (go on if one wants to; the fewest samples that one wants).
struct Ballot {
  std::int64_t go_on = 0;
  std::int64_t minus_samples = 0;
};
[[nodiscard]] Ballot to_ballot(const Proposal& proposal);
[[nodiscard]] Proposal from_ballot(const Ballot& ballot);

}  // namespace migbench::pingpong
