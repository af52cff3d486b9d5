// From a trace to its outages: pure functions, no clock and no network.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "udp_downtime/estimators.hpp"

namespace migbench::udp {

/// What became of the packets of an outage.
enum class OutageKind {
  dropped,   ///< lost: nobody kept them
  paused,    ///< none lost: all were kept and answered late
  buffered,  ///< some kept and some lost: a buffer ran full, or filled late
};
[[nodiscard]] std::string_view name(OutageKind kind);

/// The estimator that fits the kind.
struct Downtime {
  Estimate estimate;
  std::string_view estimator;  ///< "lost_run" or "service_gap"
};

/// A stretch of the run longer than the threshold in which nothing was answered.
struct Outage {
  std::int64_t start_ns = 0;  ///< of the deadline clock; end - start is the downtime's value
  std::int64_t end_ns = 0;
  OutageKind kind = OutageKind::dropped;
  bool open_start = false;  ///< it was under way when the run began
  bool open_end = false;    ///< nothing was answered up to the end of the run
  std::uint64_t lost = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t reordered = 0;
  std::int64_t baseline_rtt_ns = 0;
  SenderGap sender;
  Downtime downtime;
  Estimates estimates;
  std::vector<std::string> suspect;  ///< why it should not be believed; empty: it may be
};

/// A time in which the sender sent nothing for more than three intervals.
struct SenderStall {
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
};
[[nodiscard]] std::vector<SenderStall> find_sender_stalls(Trace trace, std::int64_t interval_ns);

struct AnalysisOptions {
  std::int64_t interval_ns = 100'000;
  std::int64_t threshold_ns = 5'000'000;  ///< shorter outages get no row
  std::int64_t stamp_error_ns = 0;        ///< of receive stamps against send times
};

struct Analysis {
  std::uint64_t lost = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t reordered = 0;
  Baseline baseline;    ///< outside outages
  Estimates estimates;  ///< over the whole run: all lost packets, longest run, gap and round trip
  std::vector<Outage> outages;  ///< in order of time
  std::vector<SenderStall> stalls;
};

/// Finds every outage and estimates it by every estimator. An empty trace gives an empty analysis.
[[nodiscard]] Analysis analyze(Trace trace, const AnalysisOptions& options);

/// The outage with the longest downtime; nullptr where there is none.
[[nodiscard]] const Outage* longest_outage(const Analysis& analysis);

}  // namespace migbench::udp
