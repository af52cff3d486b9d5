#include "harness/run/downtime.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "bench/error.hpp"

namespace migbench {
namespace {

using nlohmann::json;

/// Our metric's name and the probe's word for the estimator.
constexpr std::array<std::pair<const char*, const char*>, 4> kEstimators{
    {{"downtime-lost", "lost_interval"},
     {"downtime-run", "lost_run"},
     {"downtime-gap", "service_gap"},
     {"downtime-pause", "pause"}}};

double milliseconds(double nanoseconds) {
  return nanoseconds / 1e6;
}

json point_of(std::size_t move, std::size_t moves) {
  return moves > 1 ? json{{"migration", move + 1}} : json::object();
}

void add_metric(std::vector<Metric>& metrics, const char* name, const json& point,
                const json& estimate) {
  const double value = estimate.is_null() ? 0.0 : estimate.at("value_ns").get<double>();
  metrics.push_back({name, point, milliseconds(value), "ms", Better::lower});
}

/// Of an outage or of a whole run; null: there was none.
void add_estimates(std::vector<Metric>& metrics, const json& seen, const json& point) {
  add_metric(metrics, "downtime-best", point, seen.is_null() ? json() : seen.at("downtime"));
  for (const auto& [metric, estimator] : kEstimators)
    add_metric(metrics, metric, point,
               seen.is_null() ? json() : seen.at("estimators").at(estimator));
}

/// The longest outage that overlaps [from, to); null where there is none.
json longest_within(const json& outages, std::int64_t from, std::int64_t to) {
  json longest;
  std::int64_t length = -1;
  for (const auto& outage : outages) {
    const auto start = outage.at("start_ns").get<std::int64_t>();
    const auto end = outage.at("end_ns").get<std::int64_t>();
    if (end <= from || start >= to || end - start <= length) continue;
    length = end - start;
    longest = outage;
  }
  return longest;
}

}  // namespace

std::vector<Metric> move_metrics(const std::vector<MoveResult>& moves) {
  std::vector<Metric> metrics;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const auto& move = moves[i];
    if (!move.moved) continue;
    const auto point = point_of(i, moves.size());
    metrics.push_back({"migration-time", point,
                       milliseconds(static_cast<double>(move.done_ns - move.request_ns)), "ms",
                       Better::lower});
    const auto first = metrics.size();
    for (const auto& phase : move.phases) {
      const auto name = "phase-" + phase.name;
      const auto length = milliseconds(static_cast<double>(phase.end_ns - phase.start_ns));
      const auto same =
          std::find_if(metrics.begin() + static_cast<std::ptrdiff_t>(first), metrics.end(),
                       [&](const Metric& metric) { return metric.name == name; });
      if (same != metrics.end()) {
        same->value += length;
      } else {
        metrics.push_back({name, point, length, "ms", Better::lower});
      }
    }
  }
  return metrics;
}

std::vector<Metric> downtime_metrics(const json& probe, const std::vector<MoveResult>& moves) {
  std::vector<Metric> metrics;
  try {
    if (moves.empty()) add_estimates(metrics, probe, json::object());
    for (std::size_t i = 0; i < moves.size(); ++i) {
      if (!moves[i].moved) continue;
      const auto next =
          i + 1 < moves.size() ? moves[i + 1].request_ns : std::numeric_limits<std::int64_t>::max();
      const auto outage = longest_within(probe.at("outages"), moves[i].request_ns, next);
      add_estimates(metrics, outage, point_of(i, moves.size()));
    }
  } catch (const json::exception& error) {
    throw Error(std::string("the downtime probe's document is not what was expected: ") +
                error.what());
  }
  return metrics;
}

std::vector<std::string> suspicions(const json& probe) {
  const auto found = probe.find("suspect");
  if (found == probe.end() || !found->is_array()) return {};
  return found->get<std::vector<std::string>>();
}

}  // namespace migbench
