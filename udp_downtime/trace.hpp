// What a probe run leaves behind: the times of every packet, in the order of sending.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace migbench::udp {

/// One packet. Times are of the deadline clock (CLOCK_MONOTONIC). The first three fields are the
/// sender thread's, the others the receiver thread's.
struct PacketTimes {
  std::int64_t sent_ns = 0;      ///< read just before the packet was handed to the kernel
  std::uint32_t late_ns = 0;     ///< how long after its deadline; at most 4.29 s is told
  std::uint16_t skipped = 0;     ///< slots right before it in which nothing was sent, at most 65535
  std::uint16_t copies = 0;      ///< replies, the first included
  std::int64_t received_ns = 0;  ///< kernel stamp of the first reply; 0: none came

  [[nodiscard]] bool answered() const noexcept { return received_ns != 0; }
  [[nodiscard]] std::int64_t round_trip_ns() const noexcept { return received_ns - sent_ns; }
};

/// Room for a trace that is written without a system call. Pages come into being when they are
/// first touched (one fault every 170 packets), so that a run of unknown length costs what it uses.
class TraceStore {
 public:
  /// Room for `capacity` packets. Throws Error where the address space does not allow it.
  explicit TraceStore(std::size_t capacity);
  ~TraceStore();
  TraceStore(const TraceStore&) = delete;
  TraceStore& operator=(const TraceStore&) = delete;
  TraceStore(TraceStore&&) = delete;
  TraceStore& operator=(TraceStore&&) = delete;

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] PacketTimes& operator[](std::size_t sequence) noexcept {
    return packets_[sequence];
  }
  [[nodiscard]] std::span<const PacketTimes> first(std::size_t count) const noexcept {
    return {packets_, count};
  }

 private:
  PacketTimes* packets_ = nullptr;
  std::size_t capacity_ = 0;
};

}  // namespace migbench::udp
