#include "pingpong/pairs.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::pingpong {
namespace {

/// -1 where it is not a rank.
int parse_rank(std::string_view text) {
  int rank = -1;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), rank);
  return code == std::errc{} && end == text.data() + text.size() ? rank : -1;
}

}  // namespace

Pair parse_pair(std::string_view text) {
  const auto comma = text.find(',');
  const Pair pair{parse_rank(text.substr(0, comma)),
                  comma == std::string_view::npos ? -1 : parse_rank(text.substr(comma + 1))};
  if (pair.first < 0 || pair.second < 0)
    throw InputError(fmt::format("'{}' is not a pair of ranks: write two ranks as 0,1", text));
  return pair;
}

std::vector<Pair> pairs_of_halves(int size) {
  if (size < 2 || size % 2 != 0) {
    throw InputError(
        fmt::format("--pairs all needs an even number of ranks, but the job has {}", size));
  }
  std::vector<Pair> pairs;
  pairs.reserve(static_cast<std::size_t>(size / 2));
  for (int rank = 0; rank < size / 2; ++rank)
    pairs.push_back({rank, rank + size / 2});
  return pairs;
}

void check_pairs(const std::vector<Pair>& pairs, int size) {
  std::set<int> used;
  for (const Pair& pair : pairs) {
    for (const int rank : {pair.first, pair.second}) {
      if (rank >= size) {
        throw InputError(
            fmt::format("pair {} needs rank {}, but the job has {} rank{}: start it with mpirun "
                        "-np {} or more",
                        format_pair(pair), rank, size, size == 1 ? "" : "s", rank + 1));
      }
      if (!used.insert(rank).second) {
        throw InputError(fmt::format(
            "rank {} is used twice in the pairs: a rank can be in one place only", rank));
      }
    }
  }
}

std::string format_pair(const Pair& pair) {
  return fmt::format("{},{}", pair.first, pair.second);
}

}  // namespace migbench::pingpong
