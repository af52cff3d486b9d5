#include "udp_downtime/analysis.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "bench/units.hpp"
#include "udp_downtime/outage_windows.hpp"

namespace migbench::udp {
namespace {

constexpr std::size_t kBaselinePackets = 1000;
constexpr std::size_t kFewestForBaseline = 20;

// The round trips just before the outage, but after the one before it; then those after it; else
// all there are outside outages.
Baseline baseline_around(Trace trace, const std::vector<Range>& outages, std::size_t which,
                         const Baseline& overall) {
  const Range& range = outages[which];
  const std::size_t floor = which == 0 ? 0 : outages[which - 1].last;
  const std::size_t ceiling = which + 1 == outages.size() ? trace.size() : outages[which + 1].first;
  const std::array before{
      Range{.first = std::max(floor, range.first - std::min(range.first, kBaselinePackets)),
            .last = std::max(floor, range.first)}};
  const std::array after{Range{.first = std::min(range.last, ceiling),
                               .last = std::min(range.last + kBaselinePackets, ceiling)}};
  return baseline(trace, before, kFewestForBaseline)
      .value_or(baseline(trace, after, kFewestForBaseline).value_or(overall));
}

// What lies between the outages.
std::vector<Range> service_ranges(Trace trace, const std::vector<Range>& outages) {
  std::vector<Range> ranges;
  std::size_t from = 0;
  for (const Range& outage : outages) {
    if (outage.first > from) ranges.push_back({.first = from, .last = outage.first});
    from = std::max(from, outage.last);
  }
  ranges.push_back({.first = from, .last = trace.size()});
  return ranges;
}

// A window made of lost packets may start a little after the reply before them: look an interval
// back.
ReplyGap longest_gap(const std::vector<ReplyGap>& gaps, const Window& window,
                     std::int64_t interval) {
  const auto first =
      std::lower_bound(gaps.begin(), gaps.end(), window.start_ns - interval,
                       [](const ReplyGap& gap, std::int64_t time) { return gap.before_ns < time; });
  ReplyGap longest;
  for (auto gap = first; gap != gaps.end() && gap->before_ns < window.end_ns; ++gap) {
    if (gap->length_ns() > longest.length_ns()) longest = *gap;
  }
  return longest;
}

// Loss about equal to the gap means dropped, no loss means paused, and in between a part was kept.
// A packet that came back about as late as the gap is long was kept, too, however many were not.
OutageKind classify(std::uint64_t lost, const Estimates& estimates, std::int64_t interval_ns) {
  const std::int64_t gap_ns = estimates.service_gap.value_ns;
  const std::int64_t lost_ns = static_cast<std::int64_t>(lost) * interval_ns;
  if (lost == 0 || lost_ns <= gap_ns / 100) return OutageKind::paused;
  const bool all_lost = lost_ns >= gap_ns - std::max(2 * interval_ns, gap_ns / 10);
  const bool some_kept = estimates.pause.value_ns > std::max(3 * interval_ns, gap_ns / 2);
  return all_lost && !some_kept ? OutageKind::dropped : OutageKind::buffered;
}

// The middle of the two instants between which the outage began or ended, seen by lost packets.
void place_by_lost_run(Outage& outage, Trace trace, const LostRun& run) {
  const std::size_t last = run.first + run.count - 1;
  const std::size_t before = run.first == 0 ? run.first : run.first - 1;
  const std::size_t after = std::min(last + 1, trace.size() - 1);
  outage.open_start = run.first == 0;
  outage.open_end = last + 1 == trace.size();
  outage.downtime = {.estimate = outage.estimates.lost_run, .estimator = "lost_run"};
  outage.start_ns =
      outage.open_start ? trace[0].sent_ns : (trace[before].sent_ns + trace[run.first].sent_ns) / 2;
  outage.end_ns =
      outage.open_end ? trace[last].sent_ns : (trace[last].sent_ns + trace[after].sent_ns) / 2;
}

// The service stopped somewhere in the interval after the last reply and was back at the next, so
// that half an interval is the middle of what is possible.
void place_by_gap(Outage& outage, const ReplyGap& gap, std::int64_t interval) {
  Estimate estimate = outage.estimates.service_gap;
  estimate.value_ns += gap.open() ? 0 : interval / 2;
  outage.downtime = {.estimate = estimate, .estimator = "service_gap"};
  outage.open_start = gap.open_start;
  outage.open_end = gap.open_end;
  outage.end_ns = gap.after_ns;
  outage.start_ns = gap.after_ns - estimate.value_ns;
}

void judge_sender(Outage& outage, std::size_t slots, std::int64_t interval) {
  if (outage.sender.longest_ns > 3 * interval)
    outage.suspect.push_back(
        fmt::format("the sender sent nothing for {} inside the outage (interval {})",
                    format_duration(Nanoseconds{outage.sender.longest_ns}),
                    format_duration(Nanoseconds{interval})));
  // Fewer are within the stated bounds; the share keeps long outages from being suspect by their
  // length alone.
  if (outage.sender.skipped > std::max<std::uint64_t>(3, slots / 1000))
    outage.suspect.push_back(fmt::format("the sender skipped {} of {} slots inside the outage",
                                         outage.sender.skipped, slots + outage.sender.skipped));
}

Outage describe(Trace trace, const Window& window, const Range& range, const Baseline& normal,
                const std::vector<ReplyGap>& gaps, const AnalysisOptions& options) {
  const LostRun run = longest_lost_run(trace, range);
  const ReplyGap gap = longest_gap(gaps, window, options.interval_ns);
  Outage outage;
  outage.lost = count_lost(trace, range);
  outage.duplicates = count_duplicates(trace, range);
  outage.reordered = count_reordered(trace, range);
  outage.baseline_rtt_ns = normal.median_ns;
  outage.sender = sender_gap(trace, range);
  const Accuracy accuracy{.interval_ns = options.interval_ns,
                          .sender = outage.sender,
                          .error_ns = normal.spread_ns + options.stamp_error_ns};
  outage.estimates = {.lost_interval = estimate_lost_interval(outage.lost, accuracy),
                      .lost_run = estimate_lost_run(trace, run),
                      .service_gap = estimate_service_gap(gap, accuracy),
                      .pause = estimate_pause(longest_round_trip(trace, range), normal, accuracy)};
  outage.kind = classify(outage.lost, outage.estimates, options.interval_ns);
  // Lost packets tell both edges best; where the silence was longer than their run, it counts.
  const std::int64_t silence =
      outage.estimates.service_gap.value_ns - outage.estimates.lost_run.value_ns;
  if (outage.kind == OutageKind::dropped && silence <= 3 * options.interval_ns) {
    place_by_lost_run(outage, trace, run);
  } else {
    place_by_gap(outage, gap, options.interval_ns);
  }
  judge_sender(outage, range.last - range.first, options.interval_ns);
  return outage;
}

Estimates estimate_all(Trace trace, const std::vector<ReplyGap>& gaps, const Analysis& analysis,
                       const AnalysisOptions& options) {
  const Range all{.first = 0, .last = trace.size()};
  const Accuracy accuracy{.interval_ns = options.interval_ns,
                          .sender = sender_gap(trace, all),
                          .error_ns = analysis.baseline.spread_ns + options.stamp_error_ns};
  const auto gap = std::max_element(gaps.begin(), gaps.end(), [](const auto& a, const auto& b) {
    return a.length_ns() < b.length_ns();
  });
  return {.lost_interval = estimate_lost_interval(analysis.lost, accuracy),
          .lost_run = estimate_lost_run(trace, longest_lost_run(trace, all)),
          .service_gap = estimate_service_gap(*gap, accuracy),
          .pause = estimate_pause(longest_round_trip(trace, all), analysis.baseline, accuracy)};
}

}  // namespace

std::string_view name(OutageKind kind) {
  switch (kind) {
    case OutageKind::dropped:
      return "dropped";
    case OutageKind::paused:
      return "paused";
    case OutageKind::buffered:
      break;
  }
  return "buffered";
}

std::vector<SenderStall> find_sender_stalls(Trace trace, std::int64_t interval_ns) {
  std::vector<SenderStall> stalls;
  for (std::size_t i = 1; i < trace.size(); ++i) {
    if (trace[i].sent_ns - trace[i - 1].sent_ns > 3 * interval_ns)
      stalls.push_back({.start_ns = trace[i - 1].sent_ns, .end_ns = trace[i].sent_ns});
  }
  return stalls;
}

Analysis analyze(Trace trace, const AnalysisOptions& options) {
  Analysis analysis;
  if (trace.empty()) return analysis;
  const Range all{.first = 0, .last = trace.size()};
  const std::vector<ReplyGap> gaps = reply_gaps(trace);
  analysis.lost = count_lost(trace, all);
  analysis.duplicates = count_duplicates(trace, all);
  analysis.reordered = count_reordered(trace, all);
  const std::int64_t low_trip = low_round_trip(trace);
  const std::vector<Window> windows = find_windows(trace, gaps, low_trip, options);
  std::vector<Range> ranges;
  ranges.reserve(windows.size());
  for (const Window& window : windows)
    ranges.push_back(packets_of(trace, window, low_trip, options.interval_ns));
  analysis.baseline = baseline(trace, service_ranges(trace, ranges), 1)
                          .value_or(Baseline{.median_ns = low_trip, .spread_ns = 0});
  analysis.estimates = estimate_all(trace, gaps, analysis, options);
  analysis.stalls = find_sender_stalls(trace, options.interval_ns);
  for (std::size_t i = 0; i < windows.size(); ++i)
    analysis.outages.push_back(describe(trace, windows[i], ranges[i],
                                        baseline_around(trace, ranges, i, analysis.baseline), gaps,
                                        options));
  return analysis;
}

const Outage* longest_outage(const Analysis& analysis) {
  const auto found = std::max_element(
      analysis.outages.begin(), analysis.outages.end(), [](const Outage& a, const Outage& b) {
        return a.downtime.estimate.value_ns < b.downtime.estimate.value_ns;
      });
  return found == analysis.outages.end() ? nullptr : &*found;
}

}  // namespace migbench::udp
