// The run as a plot needs it: coarse where nothing happened, packet by packet at the edges of
// outages, and of bounded size.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "udp_downtime/analysis.hpp"

namespace migbench::udp {

/// Successive packets, taken together.
struct TimelinePoint {
  std::int64_t time_ns = 0;  ///< first send, deadline clock
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  std::optional<std::int64_t> shortest_rtt_ns{};  ///< empty: none was answered
  std::optional<std::int64_t> longest_rtt_ns{};
};

struct TimelineBounds {
  std::size_t bins = 500;         ///< over the whole run, outages' edges apart
  std::size_t detailed = 16;      ///< outages, the longest first, that are shown in detail
  std::size_t edge_packets = 10;  ///< one by one on each side of each edge
};

/// At most bins + detailed * (4 * edge_packets + 3) points, in order of time, every packet in one.
[[nodiscard]] std::vector<TimelinePoint> timeline(Trace trace, const std::vector<Outage>& outages,
                                                  const TimelineBounds& bounds = {});

}  // namespace migbench::udp
