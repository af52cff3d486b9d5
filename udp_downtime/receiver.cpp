#include "udp_downtime/receiver.hpp"

#include <array>
#include <cstring>
#include <limits>

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <sys/time.h>

#include "bench/clock.hpp"
#include "bench/pacer.hpp"
#include "udp_downtime/packet.hpp"

namespace migbench::udp {
namespace {

constexpr std::size_t kBatch = 64;
// Below the sender's 50: while a backlog drains, the next packet still leaves in time.
constexpr int kReceiverPriority = 40;

struct Slot {
  std::array<std::uint8_t, kPacketSize + 1> bytes{};  // one more shows a longer packet
  Endpoint sender;
  iovec vector{};
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(scm_timestamping)) +
                                                CMSG_SPACE(sizeof(std::uint32_t))> control{};
};

class Batch {
 public:
  Batch() noexcept {
    for (std::size_t i = 0; i < kBatch; ++i) {
      Slot& slot = slots_[i];
      slot.vector = {.iov_base = slot.bytes.data(), .iov_len = slot.bytes.size()};
      messages_[i].msg_hdr.msg_iov = &slot.vector;
      messages_[i].msg_hdr.msg_iovlen = 1;
      messages_[i].msg_hdr.msg_name = &slot.sender.address;
      messages_[i].msg_hdr.msg_control = slot.control.data();
    }
  }

  /// How many came; 0 after the socket's timeout.
  std::size_t receive(int socket) noexcept {
    for (std::size_t i = 0; i < kBatch; ++i) {
      messages_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
      messages_[i].msg_hdr.msg_controllen = slots_[i].control.size();
    }
    const int count = ::recvmmsg(socket, messages_.data(), kBatch, MSG_WAITFORONE, nullptr);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }

  [[nodiscard]] std::span<const std::uint8_t> payload(std::size_t i) const noexcept {
    return std::span<const std::uint8_t>(slots_[i].bytes).first(messages_[i].msg_len);
  }
  [[nodiscard]] const Endpoint& sender(std::size_t i) const noexcept { return slots_[i].sender; }
  [[nodiscard]] msghdr& header(std::size_t i) noexcept { return messages_[i].msg_hdr; }

 private:
  std::array<Slot, kBatch> slots_{};
  std::array<mmsghdr, kBatch> messages_{};
};

struct KernelNotes {
  std::int64_t stamp_ns = 0;  // wall clock; 0: none
  std::uint32_t overflowed = 0;
};

KernelNotes read_notes(msghdr& message) noexcept {
  KernelNotes notes;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET) continue;
    if (part->cmsg_type == SO_TIMESTAMPING) {
      scm_timestamping stamps{};
      std::memcpy(&stamps, CMSG_DATA(part), sizeof stamps);
      notes.stamp_ns = stamps.ts[0].tv_sec * 1'000'000'000 + stamps.ts[0].tv_nsec;
    } else if (part->cmsg_type == SO_RXQ_OVFL) {
      std::memcpy(&notes.overflowed, CMSG_DATA(part), sizeof notes.overflowed);
    }
  }
  return notes;
}

class Receiver {
 public:
  Receiver(const ReceiverPlan& plan, TraceStore& trace, Progress& progress) noexcept
      : plan_(plan), trace_(trace), progress_(progress) {}

  ReceiverReport& report() noexcept { return report_; }

  void take(std::span<const std::uint8_t> payload, const Endpoint& sender,
            const KernelNotes& notes) noexcept {
    report_.overflowed = notes.overflowed;  // the kernel counts from the socket's beginning
    const auto header = decode(payload);
    if (!header || header->kind != PacketKind::reply) {
      ++report_.malformed;
    } else if (header->session != plan_.session || !same(sender, plan_.server) ||
               header->sequence >= progress_.sent.load(std::memory_order_acquire)) {
      ++report_.foreign;
    } else {
      note(trace_[header->sequence], arrival(notes));
    }
  }

 private:
  std::int64_t arrival(const KernelNotes& notes) noexcept {
    if (notes.stamp_ns != 0) return notes.stamp_ns - plan_.wall.offset_ns;
    ++report_.unstamped;
    return deadline_now_ns();
  }

  void note(PacketTimes& packet, std::int64_t received_ns) noexcept {
    if (packet.answered()) {
      ++report_.duplicates;
      if (packet.copies < std::numeric_limits<std::uint16_t>::max()) ++packet.copies;
    } else if (received_ns - packet.sent_ns > plan_.timeout.count()) {
      ++report_.late;
    } else {
      packet.received_ns = received_ns;
      packet.copies = 1;
      progress_.answered.fetch_add(1, std::memory_order_relaxed);
    }
  }

  const ReceiverPlan& plan_;
  TraceStore& trace_;
  Progress& progress_;
  ReceiverReport report_;
};

}  // namespace

bool enable_stamps(int socket) noexcept {
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  const timeval patience{.tv_sec = 0, .tv_usec = 20'000};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  return ::setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) == 0;
}

ReceiverReport receive_replies(const ReceiverPlan& plan, TraceStore& trace,
                               Progress& progress) noexcept {
  Batch batch;
  Receiver receiver(plan, trace, progress);
  receiver.report().realtime = use_realtime_priority(kReceiverPriority);
  while (!progress.stop_receiving.load(std::memory_order_relaxed)) {
    const std::size_t count = batch.receive(plan.socket);
    for (std::size_t i = 0; i < count; ++i)
      receiver.take(batch.payload(i), batch.sender(i), read_notes(batch.header(i)));
  }
  return receiver.report();
}

}  // namespace migbench::udp
