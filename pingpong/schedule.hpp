// How all pairs come to the same answer about the next block of samples (bench/blocks.hpp).
//
// Both ranks of a pair must do the same number of iterations, and pairs that measure at once must
// go on for as long as one of them has not seen enough, or the last one would measure without the
// load of the others. So ranks talk, but only between blocks of samples, never inside one.
#pragma once

#include <cstdint>
#include <limits>

namespace migbench::pingpong {

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
