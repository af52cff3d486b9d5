// Estimates against the truth; nothing here runs anything.
#include <algorithm>
#include <array>
#include <cmath>

#include "udp_downtime/calibration/calibrate.hpp"

namespace migbench::udp {
namespace {

struct Estimator {
  const char* name;
  const Estimate& (*of)(const Outage&);
  bool (*applicable)(OutageKind);
};

constexpr std::array<Estimator, 5> kEstimators{{
    {"downtime", [](const Outage& o) -> const Estimate& { return o.downtime.estimate; },
     [](OutageKind) { return true; }},
    {"lost_interval", [](const Outage& o) -> const Estimate& { return o.estimates.lost_interval; },
     [](OutageKind kind) { return kind == OutageKind::dropped; }},
    {"lost_run", [](const Outage& o) -> const Estimate& { return o.estimates.lost_run; },
     [](OutageKind kind) { return kind == OutageKind::dropped; }},
    {"service_gap", [](const Outage& o) -> const Estimate& { return o.estimates.service_gap; },
     [](OutageKind) { return true; }},
    {"pause", [](const Outage& o) -> const Estimate& { return o.estimates.pause; },
     [](OutageKind kind) { return kind != OutageKind::dropped; }},
}};

bool covers(const Estimate& estimate, const Injection& injection) {
  const std::int64_t truth = injection.length_ns();
  return estimate.low_ns <= truth + injection.error_ns &&
         (!estimate.high_ns || truth - injection.error_ns <= *estimate.high_ns);
}

CalibrationRow row(const std::vector<Observation>& observations, const Estimator& estimator,
                   OutageKind kind, Nanoseconds nominal) {
  CalibrationRow made{.kind = kind,
                      .nominal = nominal,
                      .estimator = estimator.name,
                      .applicable = estimator.applicable(kind)};
  std::vector<std::int64_t> errors;
  for (const Observation& observation : observations) {
    const Injection& injection = observation.injection;
    if (injection.kind != kind || injection.nominal != nominal) continue;
    if (!observation.outage) {
      ++made.missed;
      continue;
    }
    const Estimate& estimate = estimator.of(*observation.outage);
    errors.push_back(estimate.value_ns - injection.length_ns());
    made.covered += covers(estimate, injection) ? 1 : 0;
    made.suspect += observation.outage->suspect.empty() ? 0 : 1;
  }
  made.errors = summarize(errors);
  return made;
}

}  // namespace

const Outage* match(const Injection& injection, const std::vector<Outage>& outages,
                    std::int64_t interval_ns) {
  const Outage* best = nullptr;
  for (const Outage& outage : outages) {
    // Edges are known to an interval only.
    if (outage.end_ns < injection.start_ns - interval_ns ||
        outage.start_ns > injection.end_ns + interval_ns)
      continue;
    if (best == nullptr || outage.downtime.estimate.value_ns > best->downtime.estimate.value_ns)
      best = &outage;
  }
  return best;
}

std::vector<CalibrationRow> compare(const std::vector<Observation>& observations) {
  std::vector<std::pair<OutageKind, Nanoseconds>> groups;
  groups.reserve(observations.size());
  for (const Observation& observation : observations)
    groups.emplace_back(observation.injection.kind, observation.injection.nominal);
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  std::vector<CalibrationRow> rows;
  for (const auto& [kind, nominal] : groups) {
    for (const Estimator& estimator : kEstimators)
      rows.push_back(row(observations, estimator, kind, nominal));
  }
  return rows;
}

bool CalibrationRow::within(Nanoseconds bound) const {
  return errors && std::abs(errors->median) <= static_cast<double>(bound.count());
}

bool CalibrationRow::judged() const {
  const bool starved = estimator == "lost_interval" && errors && 2 * suspect > errors->n;
  return applicable && !starved;
}

bool Calibration::within_bounds() const {
  return !rows.empty() && std::all_of(rows.begin(), rows.end(), [&](const CalibrationRow& row) {
    return !row.judged() || (row.missed == 0 && row.within(2 * plan.interval));
  });
}

}  // namespace migbench::udp
