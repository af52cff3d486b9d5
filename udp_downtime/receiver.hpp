// The probe's receiver thread: takes replies in batches and notes when the kernel got them.
#pragma once

#include <cstdint>

#include "udp_downtime/sender.hpp"
#include "udp_downtime/wall_clock.hpp"

namespace migbench::udp {

struct ReceiverPlan {
  int socket = -1;
  Endpoint server;
  std::uint64_t session = 0;
  WallOffset wall;
  Nanoseconds timeout{};  ///< a reply later than this is late, its packet stays unanswered
};

/// What came in, besides first replies (Progress::answered).
struct ReceiverReport {
  bool realtime = false;
  std::uint64_t duplicates = 0;
  std::uint64_t late = 0;
  std::uint64_t malformed = 0;   ///< no packet of ours: wrong size, magic, version or kind
  std::uint64_t foreign = 0;     ///< another session, a sequence never sent, another sender
  std::uint64_t unstamped = 0;   ///< replies without a kernel stamp: the time of reading stands in
  std::uint64_t overflowed = 0;  ///< dropped by the kernel for want of room at the probe's socket
};

/// Asks the kernel to stamp what arrives and to count what it drops; false where it cannot stamp.
[[nodiscard]] bool enable_stamps(int socket) noexcept;

/// Receives until progress.stop_receiving (looked at every 20 ms at least). To be run in a thread
/// of its own, whose scheduling it changes.
[[nodiscard]] ReceiverReport receive_replies(const ReceiverPlan& plan, TraceStore& trace,
                                             Progress& progress) noexcept;

}  // namespace migbench::udp
