#include "harness/report/row_json.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bench/quantile.hpp"
#include "harness/report/numbers.hpp"
#include "harness/run/schedule.hpp"
#include "harness/stats/shape.hpp"

namespace migbench {
namespace {

using nlohmann::json;

json ratio_json(const Comparison& comparison, const std::vector<Row>& rows, double margin) {
  const Cell& base = *rows[comparison.baseline].cell;
  return {{"value", comparison.ratio},
          {"interval", interval_json(comparison.interval)},
          {"interval_alone", interval_json(comparison.interval_alone)},
          {"verdict", name(comparison.verdict)},
          {"estimator", name(comparison.estimator)},
          {"n", comparison.n},
          {"baseline", identity_json(base)},
          {"margin", margin},
          {"mann_whitney_p", comparison.p},
          {"hodges_lehmann", comparison.hodges_lehmann},
          {"like_with_like",
           comparison.like_with_like ? json(*comparison.like_with_like) : json(nullptr)},
          {"launches_needed",
           comparison.launches_needed ? json(*comparison.launches_needed) : json(nullptr)}};
}

/// Why the cell got no further trial, as the schedule judges it from the same records.
std::string why_stopped(const RunData& data, const Cell& cell) {
  std::vector<FinishedTrial> trials;
  for (const Record& record : data.records) {
    if (record.cell.id == cell.id) trials.push_back(observe(record));
  }
  const Closed closed = judge_cell(cell.repetitions, trials);
  if (closed != Closed::no) return std::string(name(closed));
  return data.run.value("state", "") == "finished" ? "budget-spent" : "interrupted";
}

struct Described {
  std::vector<double> values, positions;
  std::vector<int> trials;
};

Described described(const Row& row) {
  Described all;
  for (const TrialValue& value : row.values) {
    if (value.suspect && !row.suspect()) continue;
    all.values.push_back(value.value);
    all.positions.push_back(value.sequence);
    all.trials.push_back(value.trial);
  }
  return all;
}

json shape_notes(const Row& row, const Described& all) {
  json notes = json::array();
  if (all.values.size() < kFewestForInterval)
    notes.push_back(fmt::format("n = {}: no interval below {} launches", all.values.size(),
                                kFewestForInterval));
  if (const auto modes = two_modes(all.values)) {
    notes.push_back(fmt::format("two modes: {} launches around {:.4g} {}, {} around {:.4g}",
                                modes->low_count, modes->low, row.unit, modes->high_count,
                                modes->high));
  }
  if (const auto trend = drift(all.positions, all.values)) {
    notes.push_back(fmt::format("drift over the run: Spearman's rho {:+.2f}, p = {:.2g}",
                                trend->rho, trend->p));
  }
  const auto bad = static_cast<std::size_t>(
      std::count_if(row.values.begin(), row.values.end(), [](const auto& v) { return v.suspect; }));
  if (row.suspect()) {
    notes.push_back("suspect: a validity check failed in every trial");
  } else if (bad > 0) {
    notes.push_back(
        fmt::format("{} suspect trial{} left out of the median", bad, bad == 1 ? "" : "s"));
  }
  std::size_t most = 1;
  for (const TrialValue& value : row.values)
    most = std::max(most, value.migrations);
  if (most > 1) notes.push_back(fmt::format("each trial: median of its {} migrations", most));
  return notes;
}

json values_json(const Row& row) {
  json list = json::array();
  for (const TrialValue& value : row.values) {
    list.push_back({{"trial", value.trial},
                    {"sequence", value.sequence},
                    {"value", value.value},
                    {"suspect", value.suspect}});
  }
  return list;
}

json row_json(const RunData& data, const Row& row) {
  const Described all = described(row);
  const Summary summary = *summarize(std::span<const double>(all.values));
  json strange = json::array();
  for (const std::size_t i : outliers(all.values))
    strange.push_back({{"trial", all.trials[i]}, {"value", all.values[i]}});
  const auto mean = row.better == Better::higher ? harmonic_mean(all.values) : std::nullopt;
  json result = identity_json(*row.cell);
  result.update({{"metric", row.metric},
                 {"point", row.point},
                 {"unit", row.unit},
                 {"better", row.better == Better::lower ? "lower" : "higher"},
                 {"outcomes", count_outcomes(data, row.cell->id)},
                 {"suspect", row.suspect()},
                 {"n", summary.n},
                 {"median", summary.median},
                 {"interval", interval_json(summary.interval)},
                 {"minimum", summary.minimum},
                 {"maximum", summary.maximum},
                 {"harmonic_mean", mean ? json(*mean) : json(nullptr)},
                 {"outliers", strange},
                 {"notes", shape_notes(row, all)},
                 {"stopped", why_stopped(data, *row.cell)},
                 {"labels", row.labels},
                 {"values", values_json(row)},
                 {"ratio", nullptr}});
  return result;
}

}  // namespace

json identity_json(const Cell& cell) {
  return {{"cell", cell.id},
          {"experiment", cell.experiment},
          {"environment", cell.environment},
          {"workload", cell.workload},
          {"technique", cell.technique ? json(*cell.technique) : json(nullptr)},
          {"control", cell.control},
          {"parameters", cell.parameters}};
}

json rows_json(const RunData& data, const std::vector<Row>& rows, const Comparisons& comparisons,
               const Baseline& baseline) {
  json list = json::array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    json row = row_json(data, rows[i]);
    if (const auto& comparison = comparisons.of_row[i]) {
      row["ratio"] = ratio_json(*comparison, rows, baseline.margin);
      for (const std::string& mark : comparison->marks)
        row["notes"].push_back(mark);
      if (comparison->verdict == Verdict::ambiguous) {
        row["notes"].push_back(comparison->launches_needed
                                   ? fmt::format("ambiguous: about {} launches would tell",
                                                 *comparison->launches_needed)
                                   : std::string("ambiguous: more than 1000 launches, or a wider "
                                                 "margin, would be needed"));
      }
    }
    if (!comparisons.why_not[i].empty()) row["notes"].push_back(comparisons.why_not[i]);
    list.push_back(std::move(row));
  }
  return list;
}

}  // namespace migbench
