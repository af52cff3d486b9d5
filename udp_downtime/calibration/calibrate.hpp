// How far each estimator is off: outages of known length are injected between a real probe and a
// real echo server, and the estimates are compared with the truth.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/error.hpp"
#include "bench/quantile.hpp"
#include "udp_downtime/analysis.hpp"
#include "udp_downtime/probe.hpp"

namespace migbench::udp {

struct CalibrationPlan {
  Nanoseconds interval = kDefaultInterval;
  std::vector<Nanoseconds> lengths;  ///< nominal; up to one interval is added at random, so that no
                                     ///< length is a multiple of the interval
  std::vector<OutageKind> kinds{OutageKind::dropped, OutageKind::paused};
  std::size_t repetitions = 11;  ///< of each length and kind, in random order
  std::uint64_t seed = 0;        ///< 0: a fresh one, which the result tells
};

/// "dropped", "paused", "buffered"; throws InputError.
[[nodiscard]] OutageKind parse_kind(const std::string& text);

/// One outage as it was made.
struct Injection {
  OutageKind kind = OutageKind::dropped;
  Nanoseconds nominal{};
  std::int64_t start_ns = 0;  ///< deadline clock
  std::int64_t end_ns = 0;
  std::int64_t error_ns = 0;  ///< the length is known to +- this
  [[nodiscard]] std::int64_t length_ns() const noexcept { return end_ns - start_ns; }
};

/// What the probe made of it; no outage: it was missed.
struct Observation {
  Injection injection;
  std::optional<Outage> outage;
};

/// One estimator against one kind and nominal length.
struct CalibrationRow {
  OutageKind kind = OutageKind::dropped;
  Nanoseconds nominal{};
  std::string estimator;            ///< "downtime" is the one that fits the recognised kind
  bool applicable = true;           ///< the estimator's assumption holds for this kind
  std::size_t missed = 0;           ///< injected, but not seen
  std::size_t suspect = 0;          ///< of errors.n: flagged by the probe
  std::size_t covered = 0;          ///< of errors.n: the truth lies within the stated bounds
  std::optional<Summary> errors{};  ///< estimate - truth in ns
  [[nodiscard]] bool within(Nanoseconds bound) const;
  /// Whether the verdict rests on it: lost x interval does not count where in most outages the
  /// sender itself left slots out, since packets that were never sent cannot be lost.
  [[nodiscard]] bool judged() const;
};

struct Calibration {
  CalibrationPlan plan;  ///< with the seed that was used
  std::string drop_method;
  std::vector<Observation> observations;
  std::vector<CalibrationRow> rows;
  std::vector<std::string> notes;
  bool interrupted = false;
  /// The median error of every applicable estimator is within two intervals, and nothing was
  /// missed.
  [[nodiscard]] bool within_bounds() const;
};

/// Whether outages can be injected here: namespaces, real-time priority and eBPF need root.
[[nodiscard]] Support calibration_support();

/// Takes sum of (length + 30 ms + length / 4) over all outages. Ends early when interrupted(). The
/// calling thread is moved to a network namespace meanwhile. Throws InputError for a length below 4
/// intervals or above 10 s, Error otherwise.
[[nodiscard]] Calibration run_calibration(const CalibrationPlan& plan);

/// The outage that an injection made, among those the probe found; nullptr: none. Pure.
[[nodiscard]] const Outage* match(const Injection& injection, const std::vector<Outage>& outages,
                                  std::int64_t interval_ns);

/// The rows of a calibration from its observations. Pure.
[[nodiscard]] std::vector<CalibrationRow> compare(const std::vector<Observation>& observations);

}  // namespace migbench::udp
