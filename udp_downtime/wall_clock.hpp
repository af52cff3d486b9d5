// The kernel stamps packets with the wall clock; migration phases are on CLOCK_MONOTONIC. Both are
// slewed alike by NTP, so their difference changes only when the wall clock is stepped.
#pragma once

#include <cstdint>

namespace migbench::udp {

struct WallOffset {
  std::int64_t offset_ns = 0;  ///< CLOCK_REALTIME - CLOCK_MONOTONIC
  std::int64_t bound_ns = 0;   ///< the offset is known to +- this
};

/// The tightest of many readings of one clock between two of the other.
[[nodiscard]] WallOffset measure_wall_offset() noexcept;

/// By how much the wall clock was stepped between two measurements; 0 where they agree within their
/// bounds.
[[nodiscard]] std::int64_t step_between(const WallOffset& first, const WallOffset& last) noexcept;

}  // namespace migbench::udp
