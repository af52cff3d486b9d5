// What workloads measured: one table a workload and metric, a row a point, columns an environment.
#include <algorithm>

#include <fmt/format.h>

#include "harness/report/row_view.hpp"
#include "harness/report/rows.hpp"

namespace migbench {
namespace {

using nlohmann::json;

/// The places of a group: the baseline (which has no ratio) first, else in the report's order.
std::vector<std::string> places_of(const RowList& rows) {
  std::vector<std::string> first, rest;
  for (const json* row : rows) {
    const std::string place = place_text(*row);
    const bool known = std::find(first.begin(), first.end(), place) != first.end() ||
                       std::find(rest.begin(), rest.end(), place) != rest.end();
    if (known) continue;
    const bool compared = std::any_of(rows.begin(), rows.end(), [&](const json* other) {
      return place_text(*other) == place && other->at("ratio").is_object();
    });
    (compared ? rest : first).push_back(place);
  }
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

bool any_ratio(const RowList& rows, const std::string& place) {
  return std::any_of(rows.begin(), rows.end(), [&](const json* row) {
    return (place.empty() || place_text(*row) == place) && row->at("ratio").is_object();
  });
}

std::vector<std::string> keys_of(const json& row, const std::vector<std::string>& keys) {
  std::vector<std::string> texts;
  for (const std::string& key : keys)
    texts.push_back(key_text(row, key));
  return texts;
}

/// Rows that differ in nothing but their place stand side by side.
void fill_wide(TableView& table, const RowList& rows, const std::vector<std::string>& keys) {
  const auto places = places_of(rows);
  table.header = keys;
  for (const std::string& place : places) {
    table.header.push_back(place);
    if (any_ratio(rows, place)) table.header.insert(table.header.end(), {"ratio", "verdict"});
  }
  std::vector<std::vector<std::string>> done;
  for (const json* row : rows) {
    const auto point = keys_of(*row, keys);
    if (std::find(done.begin(), done.end(), point) != done.end()) continue;
    done.push_back(point);
    std::vector<Text> line;
    for (const std::string& text : point)
      line.push_back({text});
    for (const std::string& place : places) {
      const auto found = std::find_if(rows.begin(), rows.end(), [&](const json* other) {
        return place_text(*other) == place && keys_of(*other, keys) == point;
      });
      const bool here = found != rows.end();
      line.push_back(here ? median_cell(**found) : Text{"-"});
      if (!any_ratio(rows, place)) continue;
      line.push_back(here ? ratio_cell(**found) : Text{});
      line.push_back(here ? verdict_cell(**found) : Text{});
    }
    table.rows.push_back(std::move(line));
  }
}

void fill_long(TableView& table, const RowList& rows, const std::vector<std::string>& keys) {
  const bool compared = any_ratio(rows, "");
  table.header = keys;
  table.header.insert(table.header.end(), {"environment", "n", "median"});
  if (compared) table.header.insert(table.header.end(), {"ratio", "verdict"});
  table.rows.clear();
  for (const json* row : rows) {
    std::vector<Text> line;
    for (const std::string& text : keys_of(*row, keys))
      line.push_back({text});
    line.push_back({place_text(*row)});
    line.push_back({std::to_string(row->at("n").get<std::size_t>())});
    line.push_back(median_cell(*row));
    if (compared) line.insert(line.end(), {ratio_cell(*row), verdict_cell(*row)});
    table.rows.push_back(std::move(line));
  }
}

TableView table_of(RowList rows, std::size_t width) {
  const json& first = *rows.front();
  const auto keys = differing_keys(rows);
  sort_by_keys(rows, keys);
  TableView table;
  table.title =
      fmt::format("{}: {} ({}, {} is better), {}", first.at("workload").get<std::string>(),
                  first.at("metric").get<std::string>(), first.at("unit").get<std::string>(),
                  first.at("better").get<std::string>(), launches_text(rows));
  if (const std::string shared = shared_text(rows); !shared.empty()) table.title += ", " + shared;
  table.caption = labels_of_rows(rows);
  table.notes = notes_of_rows(rows, keys);
  fill_wide(table, rows, keys);
  if (table_width(table) > width) fill_long(table, rows, keys);
  return table;
}

}  // namespace

std::vector<TableView> measure_tables(const json& report, std::size_t width) {
  std::vector<std::pair<std::string, RowList>> groups;
  for (const json& row : report.at("rows")) {
    if (is_migration_metric(row.at("metric").get<std::string>())) continue;
    const std::string key = row.at("workload").get<std::string>() + " " +
                            row.at("metric").get<std::string>() + " " +
                            row.at("unit").get<std::string>();
    auto found = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& group) { return group.first == key; });
    if (found == groups.end()) found = groups.insert(groups.end(), {key, {}});
    found->second.push_back(&row);
  }
  std::vector<TableView> tables;
  for (const auto& group : groups)
    tables.push_back(table_of(group.second, width));
  return tables;
}

}  // namespace migbench
