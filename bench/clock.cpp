#include "bench/clock.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace migbench {

ClockFacts measure_clock() {
  // The cost: many batches, and their median, so that one interrupt does not count.
  constexpr int kBatch = 200;
  std::array<double, 101> costs{};
  for (double& cost : costs) {
    const std::int64_t start = now_ns();
    std::int64_t last = start;
    for (int i = 0; i < kBatch; ++i)
      last = now_ns();
    cost = static_cast<double>(last - start) / kBatch;
  }
  std::nth_element(costs.begin(), costs.begin() + costs.size() / 2, costs.end());

  // The resolution: the smallest step seen, since clock_getres says 1 ns whatever the source.
  std::int64_t step = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t first = now_ns();
    std::int64_t second = first;
    while (second == first)
      second = now_ns();
    step = std::min(step, second - first);
  }
  return {.name = "CLOCK_MONOTONIC_RAW",
          .resolution_ns = step,
          .read_cost_ns = costs[costs.size() / 2]};
}

}  // namespace migbench
