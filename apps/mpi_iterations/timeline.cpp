#include "apps/mpi_iterations/timeline.hpp"

#include <algorithm>

namespace migbench {

Timeline lay_together(const std::vector<std::vector<std::int64_t>>& ranks) {
  Timeline timeline;
  for (const auto& rank : ranks) {
    if (rank.empty()) continue;
    timeline.longest_of_rank_ns.push_back(*std::max_element(rank.begin(), rank.end()));
    timeline.iterations_ns.resize(rank.size());
    for (std::size_t k = 0; k < rank.size(); ++k)
      timeline.iterations_ns[k] = std::max(timeline.iterations_ns[k], rank[k]);
  }
  if (timeline.iterations_ns.empty()) return timeline;

  auto ordered = timeline.iterations_ns;
  const auto middle = ordered.begin() + static_cast<std::ptrdiff_t>(ordered.size() / 2);
  std::nth_element(ordered.begin(), middle, ordered.end());
  timeline.median_ns = *middle;
  const auto longest =
      std::max_element(timeline.iterations_ns.begin(), timeline.iterations_ns.end());
  timeline.longest_ns = *longest;
  timeline.longest_at = static_cast<std::size_t>(longest - timeline.iterations_ns.begin());
  for (const std::int64_t lasted : timeline.iterations_ns) {
    if (lasted > kStall * timeline.median_ns) timeline.lost_ns += lasted - timeline.median_ns;
  }
  return timeline;
}

nlohmann::json to_json(const Timeline& timeline) {
  return {{"iteration_ns", timeline.iterations_ns},
          {"longest_of_rank_ns", timeline.longest_of_rank_ns},
          {"median_ns", timeline.median_ns},
          {"longest_ns", timeline.longest_ns},
          {"longest_at", timeline.longest_at},
          {"lost_ns", timeline.lost_ns},
          {"lost_iterations", timeline.lost_iterations()}};
}

}  // namespace migbench
