// The estimators of an outage's length, as pure functions over the packets of a run.
//
// Each gives a value and the bounds between which the true length lies if the estimator's
// assumption holds (docs/downtime.md has the derivations). T is the interval, G >= T the longest
// gap between two sends near the outage, e the spread of the round trip plus the error of the
// stamps.
//
//   lost x interval  n packets unanswered: value n T, between (n - 1) T and (n + 1) T, widened by
//                    what the sender was off. Assumes that what was sent during the outage is lost.
//   lost run         the longest run i..j without an answer: at least from send i to send j, at
//                    most from send i - 1 to send j + 1; the value is the middle. Same assumption.
//   service gap      the longest time g between two replies: value g - T, between g - 2 G - e and
//                    g + e. Assumes nothing about what became of the packets.
//   pause            the longest round trip p over the baseline: value p, between p - e and
//                    p + G + e. Assumes that the first packet of the outage was kept and answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "udp_downtime/trace.hpp"

namespace migbench::udp {

using Trace = std::span<const PacketTimes>;

struct Estimate {
  std::int64_t value_ns = 0;
  std::int64_t low_ns = 0;
  std::optional<std::int64_t> high_ns = 0;  ///< empty: the outage was under way when the run began
                                            ///< or ended, so that only a lower bound is known
};

struct Estimates {
  Estimate lost_interval;
  Estimate lost_run;
  Estimate service_gap;
  Estimate pause;
};

/// Packets [first, last) of a trace.
struct Range {
  std::size_t first = 0;
  std::size_t last = 0;
};

/// What a normal round trip was: the median, and how far the 99th percentile lies above it.
struct Baseline {
  std::int64_t median_ns = 0;
  std::int64_t spread_ns = 0;
};
/// Of the answered packets of some ranges; empty where fewer than `fewest` were answered.
[[nodiscard]] std::optional<Baseline> baseline(Trace trace, std::span<const Range> ranges,
                                               std::size_t fewest);
/// The 10th percentile of all round trips: what is normal as long as one packet in ten was, so that
/// it may be used before the outages are known. 0 where nothing was answered.
[[nodiscard]] std::int64_t low_round_trip(Trace trace);

/// The sender inside a range: the longest time between two sends, of which one is in the range, and
/// the slots that were skipped.
struct SenderGap {
  std::int64_t longest_ns = 0;
  std::uint64_t skipped = 0;
};
[[nodiscard]] SenderGap sender_gap(Trace trace, Range range);

/// A run of packets without an answer.
struct LostRun {
  std::size_t first = 0;
  std::size_t count = 0;
};
[[nodiscard]] LostRun longest_lost_run(Trace trace, Range range);
[[nodiscard]] std::uint64_t count_lost(Trace trace, Range range);

/// Two successive replies and the time between them. Where the run began or ended without a reply,
/// its first or last send stands in for one, and the gap is open on that side.
struct ReplyGap {
  std::int64_t before_ns = 0;
  std::int64_t after_ns = 0;
  bool open_start = false;
  bool open_end = false;
  [[nodiscard]] std::int64_t length_ns() const noexcept { return after_ns - before_ns; }
  [[nodiscard]] bool open() const noexcept { return open_start || open_end; }
};
/// All of them in order of time, from first send to last reply or last send. The trace must not be
/// empty.
[[nodiscard]] std::vector<ReplyGap> reply_gaps(Trace trace);

/// The longest round trip of a range; empty where nothing was answered.
[[nodiscard]] std::optional<std::int64_t> longest_round_trip(Trace trace, Range range);

/// Replies beyond the first, one packet each.
[[nodiscard]] std::uint64_t count_duplicates(Trace trace, Range range);
/// Packets whose reply came after that of a later packet (RFC 4737, type-P-reordered, told from
/// receive stamps).
[[nodiscard]] std::uint64_t count_reordered(Trace trace, Range range);

/// What the bounds are made of.
struct Accuracy {
  std::int64_t interval_ns = 0;
  SenderGap sender;
  std::int64_t error_ns = 0;  ///< e above
};
[[nodiscard]] Estimate estimate_lost_interval(std::uint64_t lost, const Accuracy& accuracy);
[[nodiscard]] Estimate estimate_lost_run(Trace trace, const LostRun& run);
[[nodiscard]] Estimate estimate_service_gap(const ReplyGap& gap, const Accuracy& accuracy);
/// `longest`: longest_round_trip(); a range without an answer gives 0 with no upper bound.
[[nodiscard]] Estimate estimate_pause(std::optional<std::int64_t> longest, const Baseline& normal,
                                      const Accuracy& accuracy);

}  // namespace migbench::udp
