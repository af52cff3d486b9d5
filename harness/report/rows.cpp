#include "harness/report/rows.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "bench/error.hpp"
#include "bench/quantile.hpp"
#include "bench/units.hpp"

namespace migbench {
namespace {

using nlohmann::json;

/// Metric and point without the migration.
using RowKey = std::pair<std::string, json>;

RowKey key_of(const Metric& metric) {
  json point = metric.point;
  point.erase("migration");
  return {metric.name, point};
}

/// All values of one trial at one place: several where it migrated several times.
std::vector<double> values_at(const Record& record, const RowKey& place) {
  std::vector<double> values;
  for (const Metric& metric : record.metrics) {
    if (key_of(metric) == place) values.push_back(metric.value);
  }
  return values;
}

std::vector<const Record*> measured_records(const RunData& data, const Cell& cell) {
  std::vector<const Record*> list;
  for (const Record& record : data.records) {
    const bool measured = record.outcome == Outcome::ok || record.outcome == Outcome::suspect;
    if (measured && record.cell.id == cell.id) list.push_back(&record);
  }
  return list;
}

void add_trial(Row& row, const Record& record, std::set<std::string>& labels) {
  const std::vector<double> values = values_at(record, {row.metric, row.point});
  if (values.empty()) return;
  row.values.push_back({record.trial, record.sequence, median_of(values),
                        record.outcome == Outcome::suspect, values.size()});
  labels.insert(record.labels.begin(), record.labels.end());
  const bool said = record.evidence.is_object();
  if (said &&
      std::find(row.evidence.begin(), row.evidence.end(), record.evidence) == row.evidence.end()) {
    row.evidence.push_back(record.evidence);
  }
}

std::vector<Row> rows_of(const Cell& cell, const std::vector<const Record*>& records) {
  std::vector<Row> rows;
  for (const Record* record : records) {
    for (const Metric& metric : record->metrics) {
      const auto [name, point] = key_of(metric);
      const bool known = std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
        return row.metric == name && row.point == point;
      });
      if (!known) rows.push_back({&cell, name, point, metric.unit, metric.better, {}, {}, {}});
    }
  }
  for (Row& row : rows) {
    std::set<std::string> labels;
    for (const Record* record : records)
      add_trial(row, *record, labels);
    row.labels.assign(labels.begin(), labels.end());
  }
  return rows;
}

}  // namespace

bool Row::suspect() const {
  return std::all_of(values.begin(), values.end(), [](const TrialValue& v) { return v.suspect; });
}

std::vector<Launch> Row::launches() const {
  const bool all = suspect();
  std::vector<Launch> list;
  for (const TrialValue& value : values) {
    // The schedule runs every open cell once a round: the trial's number is its round.
    if (all || !value.suspect) list.push_back({value.trial, value.value});
  }
  return list;
}

std::string Row::key() const {
  return cell->id + " " + metric + " " + point.dump();
}

std::vector<Row> make_rows(const RunData& data) {
  std::vector<Row> rows;
  for (const Cell& cell : data.cells) {
    std::vector<Row> own = rows_of(cell, measured_records(data, cell));
    rows.insert(rows.end(), std::make_move_iterator(own.begin()),
                std::make_move_iterator(own.end()));
  }
  return rows;
}

bool is_migration_metric(std::string_view metric) {
  return metric == "migration-time" || metric.substr(0, 9) == "downtime-" ||
         metric.substr(0, 6) == "phase-";
}

std::map<std::string, std::size_t> count_outcomes(const RunData& data, const std::string& cell_id) {
  std::map<std::string, std::size_t> counts{
      {"ok", 0}, {"failed", 0}, {"unsupported", 0}, {"suspect", 0}};
  for (const Record& record : data.records) {
    if (record.cell.id == cell_id) ++counts[std::string(name(record.outcome))];
  }
  return counts;
}

std::optional<double> as_quantity(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto text = value.get<std::string>();
  try {
    return static_cast<double>(parse_bytes(text).count);
  } catch (const InputError&) {
    // not a size: perhaps a duration
  }
  try {
    return static_cast<double>(parse_duration(text).count()) / 1e9;
  } catch (const InputError&) {
    return std::nullopt;
  }
}

bool natural_less(const json& a, const json& b) {
  const auto x = as_quantity(a);
  const auto y = as_quantity(b);
  if (x && y) return *x < *y;
  if (x.has_value() != y.has_value()) return x.has_value();
  return a < b;
}

}  // namespace migbench
