// The probe's sender thread: one packet a slot, at absolute deadlines.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "bench/units.hpp"
#include "udp_downtime/endpoint.hpp"
#include "udp_downtime/trace.hpp"

namespace migbench::udp {

struct SenderPlan {
  int socket = -1;
  Endpoint server;
  std::uint64_t session = 0;
  Nanoseconds interval{};
  std::int64_t start_ns = 0;  ///< of the first slot, deadline clock
  std::int64_t end_ns = 0;    ///< no slot at or after this
};

/// What sender and receiver share while they run.
struct Progress {
  std::atomic<bool> stop_sending{false};
  std::atomic<bool> stop_receiving{false};
  std::atomic<bool> sender_done{false};
  std::atomic<std::uint64_t> sent{0};      ///< raised before a packet leaves
  std::atomic<std::uint64_t> answered{0};  ///< packets with at least one reply
};

struct SenderReport {
  bool realtime = false;      ///< SCHED_FIFO
  std::uint64_t skipped = 0;  ///< slots that had passed when their turn came
  std::uint64_t refused = 0;  ///< packets that the kernel did not take; they count as not sent
  int last_errno = 0;         ///< why it refused the last one
  bool trace_full = false;    ///< it stopped because the trace had no more room
};

/// Sends until progress.stop_sending, the plan's end or the end of the trace. To be run in a thread
/// of its own, whose scheduling it changes.
[[nodiscard]] SenderReport send_packets(const SenderPlan& plan, TraceStore& trace,
                                        Progress& progress) noexcept;

}  // namespace migbench::udp
