// What moving cost: migration time, downtime and phases, each in a table of its own, since they are
// never mixed.
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "harness/report/downtime_names.hpp"
#include "harness/report/numbers.hpp"
#include "harness/report/row_view.hpp"

namespace migbench {
namespace {

using nlohmann::json;

const char* heading_of(const std::string& metric) {
  for (const DowntimeEstimator& estimator : kDowntimeEstimators) {
    if (metric == estimator.metric) return estimator.heading;
  }
  return "";
}

RowList rows_with(const json& report, const std::string& prefix) {
  RowList list;
  for (const json& row : report.at("rows")) {
    if (row.at("metric").get<std::string>().starts_with(prefix)) list.push_back(&row);
  }
  return list;
}

bool several(const RowList& rows, const char* key) {
  return std::any_of(rows.begin(), rows.end(),
                     [&](const json* row) { return row->at(key) != rows.front()->at(key); });
}

/// The columns that say which cell a row belongs to.
struct CellColumns {
  bool workload = false;
  std::vector<std::string> keys;

  explicit CellColumns(const RowList& rows)
      : workload(several(rows, "workload")), keys(differing_keys(rows)) {}

  [[nodiscard]] std::vector<std::string> header() const {
    std::vector<std::string> names{"technique", "environment"};
    if (workload) names.emplace_back("workload");
    names.insert(names.end(), keys.begin(), keys.end());
    return names;
  }
  [[nodiscard]] std::vector<Text> line(const json& row) const {
    const json& technique = row.at("technique");
    std::string name = technique.is_string() ? technique.get<std::string>() : "none";
    if (row.value("control", false)) name += " (control)";
    std::vector<Text> texts{{name}, {row.at("environment").get<std::string>()}};
    if (workload) texts.push_back({row.at("workload").get<std::string>()});
    for (const std::string& key : keys)
      texts.push_back({key_text(row, key)});
    return texts;
  }
};

TableView head_of(const RowList& rows, const std::string& title) {
  TableView table;
  table.title = title + ", " + launches_text(rows);
  if (const std::string shared = shared_text(rows); !shared.empty()) table.title += ", " + shared;
  table.caption = labels_of_rows(rows);
  return table;
}

bool any_ratio(const RowList& rows) {
  return std::any_of(rows.begin(), rows.end(),
                     [](const json* row) { return row->at("ratio").is_object(); });
}

/// One metric of every cell, with its comparison.
TableView single_table(RowList rows, const std::string& title) {
  const CellColumns cells(rows);
  sort_by_keys(rows, cells.keys);
  TableView table = head_of(rows, title);
  const bool compared = any_ratio(rows);
  table.header = cells.header();
  table.header.insert(table.header.end(), {"n", "median", "min", "max"});
  if (compared) table.header.insert(table.header.end(), {"ratio", "verdict"});
  for (const json* row : rows) {
    std::vector<Text> line = cells.line(*row);
    line.push_back({std::to_string(row->at("n").get<std::size_t>())});
    line.push_back(median_cell(*row));
    line.push_back({number_text(row->at("minimum"))});
    line.push_back({number_text(row->at("maximum"))});
    if (compared) line.insert(line.end(), {ratio_cell(*row), verdict_cell(*row)});
    table.rows.push_back(std::move(line));
  }
  table.notes = notes_of_rows(rows, cells.keys);
  return table;
}

TableView downtime_wide(const RowList& rows, const CellColumns& cells) {
  TableView table = head_of(rows, "downtime (ms, seen from outside) by estimator");
  std::vector<DowntimeEstimator> used;
  for (const DowntimeEstimator& estimator : kDowntimeEstimators) {
    if (std::any_of(rows.begin(), rows.end(),
                    [&](const json* row) { return row->at("metric") == estimator.metric; }))
      used.push_back(estimator);
  }
  table.header = cells.header();
  for (const DowntimeEstimator& estimator : used)
    table.header.emplace_back(estimator.heading);
  std::vector<std::string> done;
  for (const json* row : rows) {
    const auto cell = row->at("cell").get<std::string>();
    if (std::find(done.begin(), done.end(), cell) != done.end()) continue;
    done.push_back(cell);
    std::vector<Text> line = cells.line(*row);
    for (const DowntimeEstimator& estimator : used) {
      const auto found = std::find_if(rows.begin(), rows.end(), [&](const json* other) {
        return other->at("cell") == cell && other->at("metric") == estimator.metric;
      });
      line.push_back(found == rows.end() ? Text{"-"} : median_cell(**found));
    }
    table.rows.push_back(std::move(line));
  }
  return table;
}

/// Where the columns do not fit: a row an estimator.
TableView downtime_long(const RowList& rows, const CellColumns& cells) {
  TableView table = head_of(rows, "downtime (ms, seen from outside) by estimator");
  table.header = cells.header();
  table.header.insert(table.header.end(), {"estimator", "n", "median"});
  for (const json* row : rows) {
    std::vector<Text> line = cells.line(*row);
    line.push_back({heading_of(row->at("metric").get<std::string>())});
    line.push_back({std::to_string(row->at("n").get<std::size_t>())});
    line.push_back(median_cell(*row));
    table.rows.push_back(std::move(line));
  }
  return table;
}

std::vector<TableView> downtime_tables(RowList rows, std::size_t width) {
  const CellColumns cells(rows);
  sort_by_keys(rows, cells.keys);
  TableView all = downtime_wide(rows, cells);
  if (table_width(all) > width) all = downtime_long(rows, cells);
  RowList best;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(best), [](const json* row) {
    return row->at("metric") == kDowntimeEstimators.front().metric;
  });
  if (!any_ratio(best)) {
    all.notes = notes_of_rows(best.empty() ? rows : best, cells.keys);
    return {all};
  }
  return {all, single_table(best, "downtime (ms) by the best fitting estimator, compared")};
}

TableView phase_table(const json& migrations) {
  TableView table{"phases of a move (ms, medians; phases may overlap)", "", {}, {}, {}};
  table.header = {"technique", "environment", "parameters", "phase", "starts after", "lasts", "n"};
  std::vector<std::string> labels;
  for (const json& cell : migrations) {
    for (const json& phase : cell.at("phases")) {
      table.rows.push_back({{cell.at("technique").get<std::string>()},
                            {cell.at("environment").get<std::string>()},
                            {object_text(cell.at("parameters"))},
                            {phase.at("name").get<std::string>()},
                            {number_text(phase.at("start_ms"))},
                            {estimate_text(phase.at("duration_ms"), phase.at("interval"))},
                            {std::to_string(phase.at("n").get<std::size_t>())}});
    }
    if (cell.at("not_moved").get<std::size_t>() > 0) {
      table.notes.push_back(fmt::format(
          "{} in {}: {} of {} moves failed: {}", cell.at("technique").get<std::string>(),
          cell.at("environment").get<std::string>(), cell.at("not_moved").get<std::size_t>(),
          cell.at("moves").get<std::size_t>(), one_line(labels_text(cell.at("reasons")))));
    }
    for (const json& label : cell.at("labels")) {
      if (std::find(labels.begin(), labels.end(), label) == labels.end())
        labels.push_back(label.get<std::string>());
    }
  }
  table.caption = labels_text(labels);
  fold_shared_columns(table, {"technique", "environment", "parameters"});
  return table;
}

}  // namespace

std::vector<TableView> migration_tables(const json& report, std::size_t width) {
  std::vector<TableView> tables;
  if (RowList rows = rows_with(report, "migration-time"); !rows.empty()) {
    tables.push_back(
        single_table(std::move(rows), "migration time (ms, from the command to its return)"));
  }
  if (RowList rows = rows_with(report, "downtime-"); !rows.empty()) {
    auto downtimes = downtime_tables(std::move(rows), width);
    tables.insert(tables.end(), downtimes.begin(), downtimes.end());
  }
  TableView phases = phase_table(report.at("migrations"));
  if (!phases.rows.empty() || !phases.notes.empty()) tables.push_back(std::move(phases));
  return tables;
}

}  // namespace migbench
