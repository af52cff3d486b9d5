#include "udp_downtime/estimators.hpp"

#include <algorithm>
#include <limits>

namespace migbench::udp {

namespace {

void add_round_trips(std::vector<std::int64_t>& trips, Trace trace, Range range) {
  for (const PacketTimes& packet : trace.subspan(range.first, range.last - range.first)) {
    if (packet.answered()) trips.push_back(packet.round_trip_ns());
  }
}

// The value of a 0-based rank, `percent` of the way through.
std::int64_t at_percent(std::vector<std::int64_t>& values, std::size_t percent) {
  const auto nth =
      values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) * percent / 100);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

}  // namespace

std::optional<Baseline> baseline(Trace trace, std::span<const Range> ranges, std::size_t fewest) {
  std::vector<std::int64_t> trips;
  for (const Range& range : ranges)
    add_round_trips(trips, trace, range);
  if (trips.empty() || trips.size() < fewest) return std::nullopt;
  const std::int64_t median = at_percent(trips, 50);
  return Baseline{.median_ns = median, .spread_ns = at_percent(trips, 99) - median};
}

std::int64_t low_round_trip(Trace trace) {
  std::vector<std::int64_t> trips;
  add_round_trips(trips, trace, {.first = 0, .last = trace.size()});
  return trips.empty() ? 0 : at_percent(trips, 10);
}

SenderGap sender_gap(Trace trace, Range range) {
  SenderGap found;
  const std::size_t from = std::max<std::size_t>(range.first, 1);
  const std::size_t to = std::min(range.last + 1, trace.size());
  for (std::size_t i = from; i < to; ++i) {
    found.longest_ns = std::max(found.longest_ns, trace[i].sent_ns - trace[i - 1].sent_ns);
    found.skipped += trace[i].skipped;
  }
  return found;
}

LostRun longest_lost_run(Trace trace, Range range) {
  LostRun best;
  LostRun current;
  for (std::size_t i = range.first; i < range.last; ++i) {
    if (trace[i].answered()) {
      current.count = 0;
    } else if (current.count++ == 0) {
      current.first = i;
    }
    if (current.count > best.count) best = current;
  }
  return best;
}

std::uint64_t count_lost(Trace trace, Range range) {
  const Trace part = trace.subspan(range.first, range.last - range.first);
  return static_cast<std::uint64_t>(std::count_if(
      part.begin(), part.end(), [](const PacketTimes& packet) { return !packet.answered(); }));
}

std::vector<ReplyGap> reply_gaps(Trace trace) {
  std::vector<std::int64_t> replies;
  replies.reserve(trace.size());
  for (const PacketTimes& packet : trace) {
    if (packet.answered()) replies.push_back(packet.received_ns);
  }
  // Nearly sorted as it is: replies are seldom reordered.
  if (!std::is_sorted(replies.begin(), replies.end())) std::sort(replies.begin(), replies.end());

  const std::int64_t first_send = trace.front().sent_ns;
  const std::int64_t last_send = trace.back().sent_ns;
  std::vector<ReplyGap> gaps;
  gaps.reserve(replies.size() + 1);
  std::int64_t before = first_send;
  for (const std::int64_t reply : replies) {
    gaps.push_back({.before_ns = before, .after_ns = reply, .open_start = gaps.empty()});
    before = reply;
  }
  if (last_send > before || gaps.empty())
    gaps.push_back(
        {.before_ns = before, .after_ns = last_send, .open_start = gaps.empty(), .open_end = true});
  return gaps;
}

std::optional<std::int64_t> longest_round_trip(Trace trace, Range range) {
  std::optional<std::int64_t> longest;
  for (const PacketTimes& packet : trace.subspan(range.first, range.last - range.first)) {
    if (packet.answered())
      longest = std::max(longest.value_or(packet.round_trip_ns()), packet.round_trip_ns());
  }
  return longest;
}

std::uint64_t count_duplicates(Trace trace, Range range) {
  std::uint64_t duplicates = 0;
  for (const PacketTimes& packet : trace.subspan(range.first, range.last - range.first))
    duplicates += packet.copies > 1 ? packet.copies - 1U : 0U;
  return duplicates;
}

std::uint64_t count_reordered(Trace trace, Range range) {
  // From the end, so that the earliest reply of all later packets is known.
  std::uint64_t reordered = 0;
  auto earliest = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = trace.size(); i-- > range.first;) {
    if (!trace[i].answered()) continue;
    if (i < range.last && trace[i].received_ns > earliest) ++reordered;
    earliest = std::min(earliest, trace[i].received_ns);
  }
  return reordered;
}

Estimate estimate_lost_interval(std::uint64_t lost, const Accuracy& accuracy) {
  const auto count = static_cast<std::int64_t>(lost);
  const std::int64_t interval = accuracy.interval_ns;
  if (count == 0) return {.value_ns = 0, .low_ns = 0, .high_ns = interval};
  const std::int64_t off = std::max<std::int64_t>(accuracy.sender.longest_ns - interval, 0);
  const std::int64_t unsent = static_cast<std::int64_t>(accuracy.sender.skipped) * interval;
  return {.value_ns = count * interval,
          .low_ns = std::max<std::int64_t>((count - 1) * interval - off, 0),
          .high_ns = (count + 1) * interval + off + unsent};
}

Estimate estimate_lost_run(Trace trace, const LostRun& run) {
  if (run.count == 0) return {};
  const std::size_t last = run.first + run.count - 1;
  const std::int64_t low = trace[last].sent_ns - trace[run.first].sent_ns;
  if (run.first == 0 || last + 1 == trace.size())
    return {.value_ns = low, .low_ns = low, .high_ns = std::nullopt};
  const std::int64_t high = trace[last + 1].sent_ns - trace[run.first - 1].sent_ns;
  return {.value_ns = low + (high - low) / 2, .low_ns = low, .high_ns = high};
}

Estimate estimate_service_gap(const ReplyGap& gap, const Accuracy& accuracy) {
  const std::int64_t widest = std::max(accuracy.sender.longest_ns, accuracy.interval_ns);
  Estimate estimate{
      .value_ns = std::max<std::int64_t>(gap.length_ns() - accuracy.interval_ns, 0),
      .low_ns = std::max<std::int64_t>(gap.length_ns() - 2 * widest - accuracy.error_ns, 0),
      .high_ns = gap.length_ns() + accuracy.error_ns};
  if (gap.open()) estimate.high_ns.reset();
  return estimate;
}

Estimate estimate_pause(std::optional<std::int64_t> longest, const Baseline& normal,
                        const Accuracy& accuracy) {
  if (!longest) return {.value_ns = 0, .low_ns = 0, .high_ns = std::nullopt};
  const std::int64_t pause = std::max<std::int64_t>(*longest - normal.median_ns, 0);
  const std::int64_t widest = std::max(accuracy.sender.longest_ns, accuracy.interval_ns);
  return {.value_ns = pause,
          .low_ns = std::max<std::int64_t>(pause - accuracy.error_ns, 0),
          .high_ns = pause + widest + accuracy.error_ns};
}

}  // namespace migbench::udp
