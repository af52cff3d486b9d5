#include "udp_downtime/sender.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>

#include "bench/clock.hpp"
#include "bench/pacer.hpp"
#include "udp_downtime/packet.hpp"

namespace migbench::udp {
namespace {

template <class Narrow>
Narrow saturated(std::uint64_t value) noexcept {
  return static_cast<Narrow>(std::min<std::uint64_t>(value, std::numeric_limits<Narrow>::max()));
}

// 20 us of spinning hold 100 us well (bench/pacer.hpp). Shorter intervals get less: a SCHED_FIFO
// thread that never sleeps is throttled by the kernel for 50 ms a second.
Nanoseconds spin_for(Nanoseconds interval) noexcept {
  return std::min(Nanoseconds{20'000}, interval / 5);
}

}  // namespace

SenderReport send_packets(const SenderPlan& plan, TraceStore& trace, Progress& progress) noexcept {
  SenderReport report;
  report.realtime = use_realtime_priority();
  Pacer pacer(plan.start_ns, plan.interval, spin_for(plan.interval));
  std::uint64_t sequence = 0;
  std::uint64_t unsent = 0;  // slots since the last packet that was sent
  while (!progress.stop_sending.load(std::memory_order_relaxed)) {
    if (sequence == trace.capacity()) {
      report.trace_full = true;
      break;
    }
    const Pacer::Slot slot = pacer.wait();
    if (slot.deadline_ns >= plan.end_ns) break;
    unsent += slot.skipped;
    const PacketBytes bytes =
        encode({.kind = PacketKind::request, .session = plan.session, .sequence = sequence});
    PacketTimes& packet = trace[sequence];
    packet.late_ns = saturated<std::uint32_t>(static_cast<std::uint64_t>(slot.late_ns));
    packet.skipped = saturated<std::uint16_t>(unsent);
    packet.sent_ns = deadline_now_ns();
    progress.sent.store(sequence + 1, std::memory_order_release);
    if (::sendto(plan.socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                 plan.server.get(), plan.server.size) >= 0) {
      ++sequence;
      unsent = 0;
    } else {
      report.last_errno = errno;
      ++report.refused;
      ++unsent;
      progress.sent.store(sequence, std::memory_order_release);
    }
  }
  report.skipped = pacer.skipped();
  progress.sender_done.store(true, std::memory_order_release);
  return report;
}

}  // namespace migbench::udp
