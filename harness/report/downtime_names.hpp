// The downtime estimators in the order in which they are shown.
#pragma once

#include <array>

namespace migbench {

struct DowntimeEstimator {
  const char* metric;
  const char* heading;
};

/// The first is the one that fits what happened to the packets. docs/downtime.md says what each one
/// assumes.
inline constexpr std::array<DowntimeEstimator, 5> kDowntimeEstimators{
    {{"downtime-best", "best fitting"},
     {"downtime-gap", "service gap"},
     {"downtime-run", "lost run"},
     {"downtime-lost", "lost x interval"},
     {"downtime-pause", "pause"}}};

}  // namespace migbench
