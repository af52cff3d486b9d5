// Traces made by arithmetic: what a probe would have recorded of a service with known outages.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "udp_downtime/analysis.hpp"

namespace migbench::udp::test {

inline constexpr std::int64_t kInterval = 100'000;
inline constexpr std::int64_t kRtt = 30'000;
inline constexpr std::int64_t kStart = 1'000'000'000;

class Synthetic {
 public:
  explicit Synthetic(std::size_t packets) : packets_(packets) {
    for (std::size_t i = 0; i < packets; ++i) {
      packets_[i].sent_ns = kStart + static_cast<std::int64_t>(i) * kInterval;
      packets_[i].received_ns = packets_[i].sent_ns + kRtt;
      packets_[i].copies = 1;
    }
  }

  /// Requests that reach the server in [from, to) ns after the start are lost.
  Synthetic& drop(std::int64_t from, std::int64_t to) {
    each(from, to, [](PacketTimes& packet) {
      packet.received_ns = 0;
      packet.copies = 0;
    });
    return *this;
  }

  /// Requests that reach the server in [from, to) wait until `to`, then are answered every 2 us.
  /// `room`: so many are kept, the others are lost.
  Synthetic& pause(std::int64_t from, std::int64_t to, std::size_t room = SIZE_MAX) {
    std::int64_t free_at = kStart + to;
    std::size_t kept = 0;
    each(from, to, [&](PacketTimes& packet) {
      if (kept++ < room) {
        packet.received_ns = free_at + kRtt / 2;
        free_at += 2'000;
      } else {
        packet.received_ns = 0;
        packet.copies = 0;
      }
    });
    return *this;
  }

  /// The sender sends nothing in [from, to).
  Synthetic& stall(std::int64_t from, std::int64_t to) {
    const auto in_stall = [&](const PacketTimes& packet) {
      return packet.sent_ns >= kStart + from && packet.sent_ns < kStart + to;
    };
    const auto first = std::find_if(packets_.begin(), packets_.end(), in_stall);
    const auto last = std::find_if_not(first, packets_.end(), in_stall);
    const auto count = static_cast<std::uint16_t>(last - first);
    const auto next = packets_.erase(first, last);
    if (next != packets_.end()) next->skipped = count;
    return *this;
  }

  PacketTimes& operator[](std::size_t i) { return packets_[i]; }
  operator Trace() const { return packets_; }  // NOLINT: it is one

 private:
  template <class Change>
  void each(std::int64_t from, std::int64_t to, const Change& change) {
    for (PacketTimes& packet : packets_) {
      const std::int64_t arrives = packet.sent_ns + kRtt / 2 - kStart;
      if (arrives >= from && arrives < to) change(packet);
    }
  }

  std::vector<PacketTimes> packets_;
};

inline Analysis analyzed(Trace trace, std::int64_t threshold = 2'000'000) {
  return analyze(trace, {.interval_ns = kInterval, .threshold_ns = threshold});
}

inline bool holds(const Estimate& estimate, std::int64_t truth) {
  return estimate.low_ns <= truth && (!estimate.high_ns || truth <= *estimate.high_ns);
}

}  // namespace migbench::udp::test
