#include "udp_downtime/outage_windows.hpp"

#include <algorithm>

namespace migbench::udp {
namespace {

std::vector<Window> long_gaps(const std::vector<ReplyGap>& gaps, const AnalysisOptions& options) {
  std::vector<Window> windows;
  for (const ReplyGap& gap : gaps) {
    if (gap.length_ns() - options.interval_ns >= options.threshold_ns)
      windows.push_back({gap.before_ns, gap.after_ns});
  }
  return windows;
}

// A run of lost packets is a window of its own where replies to others fill the time: a full buffer
// at the server that drains while it drops. It is shifted by the round trip to lie on replies'
// time.
std::vector<Window> long_lost_runs(Trace trace, std::int64_t round_trip_ns,
                                   const AnalysisOptions& options) {
  std::vector<Window> windows;
  std::size_t i = 0;
  while (i < trace.size()) {
    const std::size_t first = i;
    while (i < trace.size() && !trace[i].answered())
      ++i;
    if (i > first) {
      const std::int64_t from = trace[first == 0 ? 0 : first - 1].sent_ns;
      const std::int64_t to = trace[i == trace.size() ? i - 1 : i].sent_ns;
      if (to - from - options.interval_ns >= options.threshold_ns)
        windows.push_back({from + round_trip_ns, to + round_trip_ns});
    }
    ++i;
  }
  return windows;
}

// Whether packets suffered in it. Where none did, nobody asked, and nothing is known of the
// service.
bool has_evidence(Trace trace, const Window& window, std::int64_t round_trip_ns,
                  const AnalysisOptions& options) {
  const Range range = packets_of(trace, window, round_trip_ns, options.interval_ns);
  const auto lost = static_cast<std::int64_t>(count_lost(trace, range));
  const std::int64_t late =
      longest_round_trip(trace, range).value_or(round_trip_ns) - round_trip_ns;
  return lost * options.interval_ns + std::max<std::int64_t>(late, 0) >= options.threshold_ns / 2;
}

std::vector<Window> merged(std::vector<Window> windows, std::int64_t interval) {
  std::sort(windows.begin(), windows.end(),
            [](const Window& a, const Window& b) { return a.start_ns < b.start_ns; });
  std::vector<Window> result;
  for (const Window& window : windows) {
    // More than an interval of overlap: two outages with one reply between them stay two.
    if (!result.empty() && window.start_ns + interval < result.back().end_ns) {
      result.back().end_ns = std::max(result.back().end_ns, window.end_ns);
    } else {
      result.push_back(window);
    }
  }
  return result;
}

}  // namespace

Range packets_of(Trace trace, const Window& window, std::int64_t round_trip_ns,
                 std::int64_t interval_ns) {
  const auto earlier = [](const PacketTimes& packet, std::int64_t time) {
    return packet.sent_ns < time;
  };
  const std::int64_t from = window.start_ns - round_trip_ns - interval_ns;
  const auto first = std::lower_bound(trace.begin(), trace.end(), from, earlier);
  const auto last = std::lower_bound(first, trace.end(), window.end_ns + 1, earlier);
  Range range{.first = static_cast<std::size_t>(first - trace.begin()),
              .last = static_cast<std::size_t>(last - trace.begin())};
  // A slow last reply before the window hides the first packets that were lost: take them in.
  while (range.first > 0 && range.first < trace.size() && !trace[range.first].answered() &&
         !trace[range.first - 1].answered())
    --range.first;
  return range;
}

std::vector<Window> find_windows(Trace trace, const std::vector<ReplyGap>& gaps,
                                 std::int64_t round_trip_ns, const AnalysisOptions& options) {
  std::vector<Window> windows = long_gaps(gaps, options);
  std::erase_if(windows, [&](const Window& window) {
    return !has_evidence(trace, window, round_trip_ns, options);
  });
  const std::vector<Window> runs = long_lost_runs(trace, round_trip_ns, options);
  windows.insert(windows.end(), runs.begin(), runs.end());
  return merged(std::move(windows), options.interval_ns);
}

}  // namespace migbench::udp
