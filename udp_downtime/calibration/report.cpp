#include "udp_downtime/calibration/report.hpp"

#include <fmt/format.h>

#include "bench/table.hpp"
#include "udp_downtime/report.hpp"

namespace migbench::udp {
namespace {

using nlohmann::json;

json row_json(const CalibrationRow& row, Nanoseconds bound) {
  json made = {{"kind", name(row.kind)},
               {"nominal_ns", row.nominal.count()},
               {"estimator", row.estimator},
               {"applicable", row.applicable},
               {"judged", row.judged()},
               {"missed", row.missed},
               {"suspect", row.suspect},
               {"covered", row.covered},
               {"within_bound", row.within(bound)},
               {"n", row.errors ? row.errors->n : 0},
               {"error_ns", nullptr}};
  if (row.errors) {
    const Summary& errors = *row.errors;
    made["error_ns"] = {{"median", errors.median}, {"p25", errors.p25},     {"p75", errors.p75},
                        {"p90", errors.p90},       {"min", errors.minimum}, {"max", errors.maximum},
                        {"interval", nullptr}};
    if (errors.interval)
      made["error_ns"]["interval"] = {errors.interval->low, errors.interval->high};
  }
  return made;
}

json observation_json(const Observation& observation) {
  const Injection& injection = observation.injection;
  json made = {{"kind", name(injection.kind)},
               {"nominal_ns", injection.nominal.count()},
               {"start_ns", injection.start_ns},
               {"end_ns", injection.end_ns},
               {"length_ns", injection.length_ns()},
               {"error_ns", injection.error_ns},
               {"seen", nullptr}};
  if (observation.outage) {
    const Outage& outage = *observation.outage;
    made["seen"] = {{"kind", name(outage.kind)},
                    {"start_ns", outage.start_ns},
                    {"end_ns", outage.end_ns},
                    {"baseline_rtt_ns", outage.baseline_rtt_ns},
                    {"downtime", to_json(outage.downtime.estimate)},
                    {"lost_interval", to_json(outage.estimates.lost_interval)},
                    {"lost_run", to_json(outage.estimates.lost_run)},
                    {"service_gap", to_json(outage.estimates.service_gap)},
                    {"pause", to_json(outage.estimates.pause)},
                    {"suspect", outage.suspect}};
  }
  return made;
}

std::string microseconds(double ns) {
  return fmt::format("{:.1f}", ns / 1e3);
}

}  // namespace

void add_calibration(json& document, const Calibration& calibration) {
  const Nanoseconds bound = 2 * calibration.plan.interval;
  json rows = json::array();
  for (const CalibrationRow& row : calibration.rows)
    rows.push_back(row_json(row, bound));
  json injections = json::array();
  for (const Observation& observation : calibration.observations)
    injections.push_back(observation_json(observation));
  document["calibration"] = {{"interval_ns", calibration.plan.interval.count()},
                             {"repetitions", calibration.plan.repetitions},
                             {"seed", calibration.plan.seed},
                             {"method",
                              {{"dropped", calibration.drop_method},
                               {"paused", "sigstop-sigcont"},
                               {"buffered", "sigstop-sigcont-small-buffer"}}},
                             {"labels", {"virtual network"}},
                             {"bound_ns", bound.count()},
                             {"within_bounds", calibration.within_bounds()},
                             {"interrupted", calibration.interrupted},
                             {"notes", calibration.notes},
                             {"rows", std::move(rows)},
                             {"injections", std::move(injections)}};
}

std::string text_report(const Calibration& calibration) {
  const Nanoseconds bound = 2 * calibration.plan.interval;
  Table table({"kind", "outage", "estimator", "n", "missed", "suspect", "median error us", "p25",
               "p75", "min", "max", "in bounds", ""});
  for (const CalibrationRow& row : calibration.rows) {
    if (!row.applicable) continue;
    std::vector<std::string> cells{std::string(name(row.kind)),
                                   format_duration(row.nominal),
                                   row.estimator,
                                   fmt::to_string(row.errors ? row.errors->n : 0),
                                   fmt::to_string(row.missed),
                                   fmt::to_string(row.suspect)};
    if (row.errors) {
      for (const double value : {row.errors->median, row.errors->p25, row.errors->p75,
                                 row.errors->minimum, row.errors->maximum})
        cells.push_back(microseconds(value));
      cells.push_back(fmt::format("{}/{}", row.covered, row.errors->n));
    } else {
      cells.resize(cells.size() + 6, "-");
    }
    cells.emplace_back(row.within(bound) ? "ok" : row.judged() ? "off" : "off, sender stalled");
    table.add(std::move(cells));
  }
  std::string text = table.text() + "\n";
  if (!calibration.drop_method.empty())
    text += fmt::format("dropped by {}, ", calibration.drop_method);
  text += fmt::format("paused by SIGSTOP; interval {}, seed {}\n",
                      format_duration(calibration.plan.interval), calibration.plan.seed);
  text += fmt::format("{}: every judged median error {} within 2 intervals ({})\n",
                      calibration.within_bounds() ? "ok" : "off",
                      calibration.within_bounds() ? "is" : "is not", format_duration(bound));
  for (const std::string& note : calibration.notes)
    text += "note: " + note + "\n";
  return text;
}

}  // namespace migbench::udp
