// The one clock of every interval that migbench measures inside a node.
//
// CLOCK_MONOTONIC_RAW is read through the vDSO (no system call) and is not slewed by NTP. Deadlines
// use CLOCK_MONOTONIC, because clock_nanosleep knows no raw clock; the two are never subtracted
// from each other.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

namespace migbench {

inline constexpr clockid_t kMeasuringClock = CLOCK_MONOTONIC_RAW;
inline constexpr clockid_t kDeadlineClock = CLOCK_MONOTONIC;

/// Nanoseconds of `clock`. Cannot fail for the two clocks above.
[[nodiscard]] inline std::int64_t read_clock_ns(clockid_t clock) noexcept {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

/// Nanoseconds of the measuring clock.
[[nodiscard]] inline std::int64_t now_ns() noexcept {
  return read_clock_ns(kMeasuringClock);
}

/// Nanoseconds of the deadline clock: what phases of a migration and the probe's timeline are
/// written in, so that they can be laid over each other.
[[nodiscard]] inline std::int64_t deadline_now_ns() noexcept {
  return read_clock_ns(kDeadlineClock);
}

/// What the measuring clock is worth on this machine, measured when asked for (about 1 ms).
struct ClockFacts {
  std::string name;                ///< "CLOCK_MONOTONIC_RAW"
  std::int64_t resolution_ns = 0;  ///< smallest step between two readings that differ
  double read_cost_ns = 0;         ///< median cost of one reading
};

[[nodiscard]] ClockFacts measure_clock();

}  // namespace migbench
