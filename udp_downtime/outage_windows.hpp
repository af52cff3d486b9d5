// Where the outages of a trace are.
#pragma once

#include <vector>

#include "udp_downtime/analysis.hpp"

namespace migbench::udp {

/// A time without service, seen from the client's receive side.
struct Window {
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
};

/// Gaps between replies and runs of lost packets that are longer than the threshold; those that
/// overlap are one. A gap that only the sender made (nothing was lost or late in it) is none.
/// `round_trip_ns` is the normal one.
[[nodiscard]] std::vector<Window> find_windows(Trace trace, const std::vector<ReplyGap>& gaps,
                                               std::int64_t round_trip_ns,
                                               const AnalysisOptions& options);

/// The packets whose request or reply a window could have caught.
[[nodiscard]] Range packets_of(Trace trace, const Window& window, std::int64_t round_trip_ns,
                               std::int64_t interval_ns);

}  // namespace migbench::udp
