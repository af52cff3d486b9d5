#include "harness/report/migrations.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "bench/quantile.hpp"
#include "harness/report/hypervisors.hpp"
#include "harness/report/numbers.hpp"

namespace migbench {
namespace {

using nlohmann::json;

struct Move {
  const Record* record;
  std::size_t number;  ///< from 1
  const MoveResult* result;
  [[nodiscard]] double length() const { return milliseconds(result->done_ns - result->request_ns); }
};

struct PhaseValues {
  std::string name;
  std::vector<double> starts, durations;  ///< one a trial
};

PhaseValues& phase_named(std::vector<PhaseValues>& phases, const std::string& name) {
  const auto found = std::find_if(phases.begin(), phases.end(),
                                  [&](const PhaseValues& phase) { return phase.name == name; });
  if (found != phases.end()) return *found;
  phases.push_back({name, {}, {}});
  return phases.back();
}

/// Adds the medians of one trial's moves.
void add_trial(std::vector<PhaseValues>& phases, const Record& record) {
  std::vector<PhaseValues> own;
  for (const MoveResult& move : record.migrations) {
    if (!move.moved) continue;
    for (const Phase& phase : move.phases) {
      PhaseValues& values = phase_named(own, phase.name);
      values.starts.push_back(milliseconds(phase.start_ns - move.request_ns));
      values.durations.push_back(milliseconds(phase.end_ns - phase.start_ns));
    }
  }
  for (const PhaseValues& values : own) {
    PhaseValues& all = phase_named(phases, values.name);
    all.starts.push_back(median_of(values.starts));
    all.durations.push_back(median_of(values.durations));
  }
}

json phases_json(std::vector<PhaseValues> phases) {
  std::stable_sort(phases.begin(), phases.end(), [](const PhaseValues& a, const PhaseValues& b) {
    return median_of(a.starts) < median_of(b.starts);
  });
  json list = json::array();
  for (const PhaseValues& phase : phases) {
    const Summary summary = *summarize(std::span<const double>(phase.durations));
    list.push_back(
        {{"name", phase.name},
         {"n", summary.n},
         {"start_ms", median_of(phase.starts)},
         {"duration_ms", summary.median},
         {"interval",
          summary.interval ? json{summary.interval->low, summary.interval->high} : json(nullptr)}});
  }
  return list;
}

/// The probe's outages that touch the move, half a second around it included.
json outages_near(const Move& move) {
  constexpr std::int64_t kAround = 500'000'000;
  json list = json::array();
  const json& probe = move.record->probe;
  if (!probe.is_object() || !probe.contains("outages") || !probe.at("outages").is_array())
    return list;
  for (const json& outage : probe.at("outages")) {
    const auto start = outage.value("start_ns", json());
    const auto end = outage.value("end_ns", json());
    if (!start.is_number() || !end.is_number()) continue;
    if (end.get<std::int64_t>() < move.result->request_ns - kAround ||
        start.get<std::int64_t>() > move.result->done_ns + kAround) {
      continue;
    }
    const auto kind = outage.value("kind", json());
    list.push_back({{"start_ms", milliseconds(start.get<std::int64_t>() - move.result->request_ns)},
                    {"end_ms", milliseconds(end.get<std::int64_t>() - move.result->request_ns)},
                    {"kind", kind.is_string() ? kind : json("")}});
  }
  return list;
}

json example_json(std::vector<Move> moves) {
  if (moves.empty()) return nullptr;
  std::stable_sort(moves.begin(), moves.end(),
                   [](const Move& a, const Move& b) { return a.length() < b.length(); });
  const Move& move = moves[(moves.size() - 1) / 2];
  json phases = json::array();
  for (const Phase& phase : move.result->phases) {
    phases.push_back({{"name", phase.name},
                      {"start_ms", milliseconds(phase.start_ns - move.result->request_ns)},
                      {"end_ms", milliseconds(phase.end_ns - move.result->request_ns)}});
  }
  return {{"trial", move.record->trial},
          {"migration", move.number},
          {"migration_ms", move.length()},
          {"phases", phases},
          {"outages", outages_near(move)}};
}

json cell_json(const Cell& cell, const std::vector<const Record*>& records) {
  std::vector<PhaseValues> phases;
  std::vector<Move> moved;
  std::set<std::string> reasons, labels;
  std::size_t moves = 0;
  for (const Record* record : records) {
    add_trial(phases, *record);
    labels.insert(record->labels.begin(), record->labels.end());
    for (std::size_t i = 0; i < record->migrations.size(); ++i, ++moves) {
      const MoveResult& result = record->migrations[i];
      if (result.moved) {
        moved.push_back({record, i + 1, &result});
      } else {
        reasons.insert(result.reason);
      }
    }
  }
  json summary{{"cell", cell.id},
               {"environment", cell.environment},
               {"technique", cell.technique.value_or("")},
               {"workload", cell.workload},
               {"parameters", cell.parameters},
               {"trials", records.size()},
               {"moves", moves},
               {"not_moved", moves - moved.size()},
               {"reasons", reasons},
               {"phases", phases_json(std::move(phases))},
               {"example", example_json(std::move(moved))},
               {"labels", labels}};
  if (json hypervisor = summarize_hypervisor(records); !hypervisor.is_null())
    summary["hypervisor"] = std::move(hypervisor);
  return summary;
}

}  // namespace

json summarize_migrations(const RunData& data) {
  json list = json::array();
  for (const Cell& cell : data.cells) {
    std::vector<const Record*> records;
    for (const Record& record : data.records) {
      if (record.cell.id == cell.id && !record.migrations.empty()) records.push_back(&record);
    }
    if (!records.empty()) list.push_back(cell_json(cell, records));
  }
  return list;
}

}  // namespace migbench
