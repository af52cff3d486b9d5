// Open-loop pacing: slot k is due at start + k * interval, whatever happened before.
//
// A late caller is not sped up and never catches up in a burst: slots that have passed are skipped
// and counted, so that a stall of the sender is seen as missing slots and not as a queue (no
// coordinated omission).
#pragma once

#include <cstdint>

#include "bench/units.hpp"

namespace migbench {

class Pacer {
 public:
  struct Slot {
    std::uint64_t index = 0;       ///< k of the slot that is due now
    std::uint64_t skipped = 0;     ///< slots between the last one and this that were missed
    std::int64_t deadline_ns = 0;  ///< of the deadline clock
    std::int64_t late_ns = 0;      ///< how long after the deadline wait() returned
  };

  /// `spin`: how long before the deadline sleeping ends and spinning begins. 20 us with SCHED_FIFO
  /// holds 100 us with errors of 0.1 / 4.8 / 41 us (p50 / p99 / p99.9) at a third of a core; zero
  /// only sleeps.
  Pacer(std::int64_t start_ns, Nanoseconds interval, Nanoseconds spin) noexcept;

  /// Waits for the next slot. Returns at once with the current slot where the caller is late.
  Slot wait() noexcept;

  [[nodiscard]] std::uint64_t skipped() const noexcept { return skipped_; }
  [[nodiscard]] Nanoseconds interval() const noexcept { return Nanoseconds{interval_}; }

 private:
  std::int64_t start_;
  std::int64_t interval_;
  std::int64_t spin_;
  std::uint64_t next_ = 0;
  std::uint64_t skipped_ = 0;
};

/// SCHED_FIFO for the calling thread; false where it is not allowed (no CAP_SYS_NICE, no rtprio
/// limit).
[[nodiscard]] bool use_realtime_priority(int priority = 50) noexcept;

}  // namespace migbench
