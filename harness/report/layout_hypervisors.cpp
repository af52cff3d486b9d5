// Virtual machines: what a migration's time is made of, its iterations, and how far the
// hypervisor's own downtime is from what was seen outside.
#include <algorithm>

#include <fmt/format.h>

#include "harness/report/disagreement.hpp"
#include "harness/report/downtime_names.hpp"
#include "harness/report/numbers.hpp"
#include "harness/report/row_view.hpp"

namespace migbench {
namespace {

using nlohmann::json;

std::string figure_text(const json& figures, const char* key) {
  if (!figures.contains(key)) return "-";
  const json& figure = figures.at(key);
  return estimate_text(figure.at("median"), figure.at("interval"));
}

/// The same in another unit.
std::string scaled_text(const json& figures, const char* key, double unit) {
  if (!figures.contains(key)) return "-";
  const json& figure = figures.at(key);
  json interval = figure.at("interval");
  if (interval.is_array()) {
    for (json& end : interval)
      end = end.get<double>() / unit;
  }
  return estimate_text(figure.at("median").get<double>() / unit, interval);
}

std::vector<const json*> cells_with(const json& report, const char* key) {
  std::vector<const json*> cells;
  for (const json& cell : report.at("migrations")) {
    if (cell.contains("hypervisor") && cell.at("hypervisor").contains(key)) cells.push_back(&cell);
  }
  return cells;
}

std::vector<Text> first_columns(const json& cell) {
  return {{cell.at("technique").get<std::string>()},
          {cell.at("environment").get<std::string>()},
          {cell.at("workload").get<std::string>()},
          {object_text(cell.at("parameters"))}};
}

TableView table_of(const std::vector<const json*>& cells, const std::string& title,
                   const std::vector<std::string>& columns) {
  TableView table{title, "", {"technique", "environment", "workload", "parameters"}, {}, {}};
  table.header.insert(table.header.end(), columns.begin(), columns.end());
  json labels = json::array();
  for (const json* cell : cells) {
    for (const json& label : cell->at("labels")) {
      if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
    }
  }
  table.caption = labels_text(labels);
  return table;
}

void fold(TableView& table) {
  fold_shared_columns(table, {"technique", "environment", "workload", "parameters"});
}

std::string difference_text(const json& hypervisor, const char* metric) {
  if (!hypervisor.contains("differences")) return "-";
  for (const json& difference : hypervisor.at("differences")) {
    if (difference.at("metric") == metric)
      return estimate_text(difference.at("median"), difference.at("interval"));
  }
  return "-";
}

/// "kvm-live: they are 149 ms apart: ..."
std::string disagreement_of(const json& cell) {
  const json& hypervisor = cell.at("hypervisor");
  if (!hypervisor.contains("disagreement") || !hypervisor.contains("differences")) return "";
  for (const json& difference : hypervisor.at("differences")) {
    if (difference.at("metric") != kDowntimeEstimators.front().metric) continue;
    const std::string parameters = object_text(cell.at("parameters"));
    return fmt::format(
        "{}{}{}: {}", cell.at("technique").get<std::string>(), parameters.empty() ? "" : " ",
        parameters,
        disagreement_text(difference.at("median").get<double>(), hypervisor.at("disagreement")));
  }
  return "";
}

TableView downtime_table(const std::vector<const json*>& cells) {
  std::vector<std::string> columns{"hypervisor's"};
  for (const DowntimeEstimator& estimator : kDowntimeEstimators)
    columns.push_back(fmt::format("{} -", estimator.heading));
  columns.emplace_back("n");
  TableView table = table_of(
      cells, "the hypervisor's own downtime (ms), and how much more the probe saw", columns);
  for (const json* cell : cells) {
    const json& hypervisor = cell->at("hypervisor");
    std::vector<Text> line = first_columns(*cell);
    line.push_back({figure_text(hypervisor, "downtime")});
    for (const DowntimeEstimator& estimator : kDowntimeEstimators)
      line.push_back({difference_text(hypervisor, estimator.metric)});
    line.push_back({std::to_string(hypervisor.at("downtime").at("n").get<std::size_t>())});
    table.rows.push_back(std::move(line));
  }
  table.notes = {
      "the hypervisor counts, in whole ms, how long the vCPUs stood still; the probe, how long "
      "nobody "
      "answered; pause and lost x interval also grow with what queues before a guest that is "
      "slower "
      "than the probe"};
  for (const json* cell : cells) {
    if (const std::string text = disagreement_of(*cell); !text.empty()) table.notes.push_back(text);
  }
  fold(table);
  return table;
}

TableView preparation_table(const std::vector<const json*>& cells) {
  TableView table = table_of(cells, "share of the migration time (%) in which no memory was copied",
                             {"connect, prepare, finish", "n"});
  for (const json* cell : cells) {
    const json& hypervisor = cell->at("hypervisor");
    std::vector<Text> line = first_columns(*cell);
    line.push_back({scaled_text(hypervisor, "preparation", 0.01)});
    line.push_back({std::to_string(hypervisor.at("preparation").at("n").get<std::size_t>())});
    table.rows.push_back(std::move(line));
  }
  table.notes = {
      "connections to the daemons, start of the destination's process, end of the source's: what "
      "the published study asks for"};
  fold(table);
  return table;
}

TableView iteration_table(const std::vector<const json*>& cells) {
  // A guest that does not converge has a hundred of them.
  constexpr std::size_t kMost = 8;
  constexpr double kMib = 1024.0 * 1024.0;
  TableView table =
      table_of(cells, "copy iterations (medians)",
               {"iteration", "lasts (ms)", "sent (MiB)", "left (MiB)", "rewritten (MiB/s)", "n"});
  for (const json* cell : cells) {
    const json& iterations = cell->at("hypervisor").at("iterations");
    for (std::size_t i = 0; i < std::min(kMost, iterations.size()); ++i) {
      const json& one = iterations[i];
      std::vector<Text> line = first_columns(*cell);
      line.push_back({one.at("iteration").dump()});
      line.push_back({figure_text(one, "duration_ms")});
      line.push_back({scaled_text(one, "bytes", kMib)});
      line.push_back({scaled_text(one, "remaining_bytes", kMib)});
      line.push_back({scaled_text(one, "dirty_bytes_per_s", kMib)});
      line.push_back({std::to_string(one.at("duration_ms").at("n").get<std::size_t>())});
      table.rows.push_back(std::move(line));
    }
    if (iterations.size() > kMost) {
      table.notes.push_back(fmt::format(
          "{} {}: {} iterations, the first {} are shown", cell->at("technique").get<std::string>(),
          object_text(cell->at("parameters")), iterations.size(), kMost));
    }
  }
  table.notes.emplace_back(
      "rewritten: as the hypervisor measured it when the iteration ended, which it does at most "
      "once "
      "a second; else what was left by the iteration's length; -: not reported (iterations below "
      "50 "
      "ms, the last one, a machine that is paused)");
  fold(table);
  return table;
}

}  // namespace

std::vector<TableView> hypervisor_tables(const json& report) {
  std::vector<TableView> tables;
  if (const auto cells = cells_with(report, "downtime"); !cells.empty())
    tables.push_back(downtime_table(cells));
  if (const auto cells = cells_with(report, "preparation"); !cells.empty())
    tables.push_back(preparation_table(cells));
  if (const auto cells = cells_with(report, "iterations"); !cells.empty())
    tables.push_back(iteration_table(cells));
  return tables;
}

}  // namespace migbench
