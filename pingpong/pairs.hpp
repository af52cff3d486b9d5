// Which ranks play ping-pong with each other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace migbench::pingpong {

struct Pair {
  int first = 0;   ///< the rank that starts and holds the clock
  int second = 1;  ///< the rank that answers
  friend bool operator==(const Pair&, const Pair&) = default;
};

/// "0,1". Throws InputError.
[[nodiscard]] Pair parse_pair(std::string_view text);

/// Rank i with rank i + size / 2, as the multi-pair tests of other benchmarks do: with ranks mapped
/// to nodes in blocks every pair crosses from the first half of the nodes to the second. Throws
/// InputError for an odd number of ranks.
[[nodiscard]] std::vector<Pair> pairs_of_halves(int size);

/// Throws InputError where a rank is not in the job of `size` ranks or is used twice.
void check_pairs(const std::vector<Pair>& pairs, int size);

/// "0,1".
[[nodiscard]] std::string format_pair(const Pair& pair);

}  // namespace migbench::pingpong
