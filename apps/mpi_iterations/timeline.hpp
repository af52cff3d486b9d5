// What the ranks' clocks say together about how long every iteration lasted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

namespace migbench {

struct Timeline {
  /// Of every iteration: as long as the rank that saw it longest says, ns.
  std::vector<std::int64_t> iterations_ns;
  /// Of every rank: its longest iteration by its own clock. Where this is much less than
  /// longest_ns, the rank's clock stood still: it was the one that was moved.
  std::vector<std::int64_t> longest_of_rank_ns;
  std::int64_t median_ns = 0;
  std::int64_t longest_ns = 0;
  std::size_t longest_at = 0;
  /// Time over the median in iterations that lasted longer than kStall medians.
  std::int64_t lost_ns = 0;

  [[nodiscard]] double lost_iterations() const noexcept {
    return median_ns > 0 ? static_cast<double>(lost_ns) / static_cast<double>(median_ns) : 0;
  }
};

/// An iteration longer than this many medians is a stall, not noise.
inline constexpr std::int64_t kStall = 10;

/// `ranks`: [rank][iteration], equally long. Nothing in, zeros out.
[[nodiscard]] Timeline lay_together(const std::vector<std::vector<std::int64_t>>& ranks);

[[nodiscard]] nlohmann::json to_json(const Timeline& timeline);

}  // namespace migbench
