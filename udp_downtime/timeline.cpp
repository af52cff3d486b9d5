#include "udp_downtime/timeline.hpp"

#include <algorithm>

namespace migbench::udp {
namespace {

// The packets around every edge of the longest outages, sorted, without overlap.
std::vector<Range> detailed_ranges(Trace trace, const std::vector<Outage>& outages,
                                   const TimelineBounds& bounds) {
  std::vector<const Outage*> longest;
  longest.reserve(outages.size());
  for (const Outage& outage : outages)
    longest.push_back(&outage);
  std::sort(longest.begin(), longest.end(), [](const Outage* a, const Outage* b) {
    return a->downtime.estimate.value_ns > b->downtime.estimate.value_ns;
  });
  longest.resize(std::min(longest.size(), bounds.detailed));

  std::vector<Range> ranges;
  for (const Outage* outage : longest) {
    for (const std::int64_t edge : {outage->start_ns, outage->end_ns}) {
      const auto at = static_cast<std::size_t>(
          std::lower_bound(
              trace.begin(), trace.end(), edge,
              [](const PacketTimes& packet, std::int64_t time) { return packet.sent_ns < time; }) -
          trace.begin());
      ranges.push_back({.first = at - std::min(at, bounds.edge_packets),
                        .last = std::min(at + bounds.edge_packets, trace.size())});
    }
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.first < b.first; });
  return ranges;
}

TimelinePoint point(Trace packets) {
  TimelinePoint made{.time_ns = packets.front().sent_ns, .sent = packets.size()};
  for (const PacketTimes& packet : packets) {
    if (!packet.answered()) {
      ++made.lost;
      continue;
    }
    const std::int64_t trip = packet.round_trip_ns();
    made.shortest_rtt_ns = std::min(made.shortest_rtt_ns.value_or(trip), trip);
    made.longest_rtt_ns = std::max(made.longest_rtt_ns.value_or(trip), trip);
  }
  return made;
}

}  // namespace

std::vector<TimelinePoint> timeline(Trace trace, const std::vector<Outage>& outages,
                                    const TimelineBounds& bounds) {
  const std::vector<Range> detailed = detailed_ranges(trace, outages, bounds);
  const std::size_t bins = std::max<std::size_t>(bounds.bins, 1);
  const std::size_t bin = std::max<std::size_t>((trace.size() + bins - 1) / bins, 1);
  std::vector<TimelinePoint> points;
  auto next = detailed.begin();
  std::size_t i = 0;
  while (i < trace.size()) {
    while (next != detailed.end() && next->last <= i)
      ++next;
    std::size_t end = std::min((i / bin + 1) * bin, trace.size());
    if (next != detailed.end()) end = next->first > i ? std::min(end, next->first) : i + 1;
    points.push_back(point(trace.subspan(i, end - i)));
    i = end;
  }
  return points;
}

}  // namespace migbench::udp
