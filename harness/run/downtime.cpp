#include "harness/run/downtime.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

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

using Window = std::pair<std::int64_t, std::int64_t>;

/// From the request of a move to the next one's; without moves: always.
Window window_of(const std::vector<MoveResult>& moves, std::size_t i) {
  constexpr auto kAlways = std::numeric_limits<std::int64_t>::max();
  if (moves.empty()) return {0, kAlways};
  return {moves[i].request_ns, i + 1 < moves.size() ? moves[i + 1].request_ns : kAlways};
}

std::vector<std::string> doubts_within(const json& probe, const Window& window) {
  const json outage = longest_within(probe.at("outages"), window.first, window.second);
  std::vector<std::string> reasons;
  auto longest = probe.at("options").at("threshold_ns").get<std::int64_t>();
  if (!outage.is_null()) {
    reasons = outage.at("suspect").get<std::vector<std::string>>();
    longest = outage.at("end_ns").get<std::int64_t>() - outage.at("start_ns").get<std::int64_t>();
  }
  const json stall = longest_within(probe.at("sender").at("stalls"), window.first, window.second);
  if (!stall.is_null()) {
    const auto length =
        stall.at("end_ns").get<std::int64_t>() - stall.at("start_ns").get<std::int64_t>();
    if (length >= longest)
      reasons.push_back(
          fmt::format("the sender stalled for {:.1f} ms, an outage in that time was "
                      "not seen",
                      milliseconds(static_cast<double>(length))));
  }
  return reasons;
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
      const auto [from, to] = window_of(moves, i);
      add_estimates(metrics, longest_within(probe.at("outages"), from, to),
                    point_of(i, moves.size()));
    }
  } catch (const json::exception& error) {
    throw Error(std::string("the downtime probe's document is not what was expected: ") +
                error.what());
  }
  return metrics;
}

std::vector<std::string> suspicions(const json& probe, const std::vector<MoveResult>& moves) {
  try {
    auto reasons = probe.at("suspect_run").get<std::vector<std::string>>();
    for (std::size_t i = 0; i < std::max<std::size_t>(1, moves.size()); ++i) {
      if (!moves.empty() && !moves[i].moved) continue;
      const auto more = doubts_within(probe, window_of(moves, i));
      reasons.insert(reasons.end(), more.begin(), more.end());
    }
    return reasons;
  } catch (const json::exception& error) {
    throw Error(std::string("the downtime probe's document is not what was expected: ") +
                error.what());
  }
}

}  // namespace migbench
