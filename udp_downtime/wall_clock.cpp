#include "udp_downtime/wall_clock.hpp"

#include <cstdlib>
#include <limits>

#include "bench/clock.hpp"

namespace migbench::udp {

WallOffset measure_wall_offset() noexcept {
  WallOffset best{.offset_ns = 0, .bound_ns = std::numeric_limits<std::int64_t>::max()};
  for (int i = 0; i < 200; ++i) {
    const std::int64_t before = deadline_now_ns();
    const std::int64_t wall = read_clock_ns(CLOCK_REALTIME);
    const std::int64_t after = deadline_now_ns();
    const std::int64_t bound = (after - before + 1) / 2;
    if (bound < best.bound_ns)
      best = {.offset_ns = wall - (before + (after - before) / 2), .bound_ns = bound};
  }
  return best;
}

std::int64_t step_between(const WallOffset& first, const WallOffset& last) noexcept {
  const std::int64_t step = last.offset_ns - first.offset_ns;
  // 1 us: the two clocks are read from the same cycle counter, but rounded each for itself.
  const std::int64_t noise = first.bound_ns + last.bound_ns + 1'000;
  return std::abs(step) <= noise ? 0 : step;
}

}  // namespace migbench::udp
