// Where the site's head is another machine, the probe's times are of that machine's clock: they are
// put into this one's, in which moves are recorded.
#pragma once

#include <cstdint>

#include <nlohmann/json.hpp>

#include "harness/site/place.hpp"

namespace migbench {

/// A reading of a place's CLOCK_MONOTONIC, placed between two of this machine's.
struct ClockReading {
  std::int64_t there_ns = 0;
  std::int64_t here_ns = 0;
  std::int64_t bound_ns = 0;  ///< how far here_ns may be off
};

/// The best of some, each by running `migbench-udp-probe --clock` there. Throws Error.
[[nodiscard]] ClockReading read_clock_of(const Place& place);

/// Puts all times of a probe's document (start_ns, end_ns, t_ns, at any depth) into this machine's
/// clock, along the line through two readings, and adds "clock_shift": {"added_ns", "drift_ns",
/// "bound_ns"}.
void shift_times(nlohmann::json& document, const ClockReading& first, const ClockReading& last);

}  // namespace migbench
