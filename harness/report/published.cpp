#include "harness/report/published.hpp"

#include <algorithm>

#include "bench/document.hpp"
#include "migbench_published.hpp"

namespace migbench {
namespace {

using nlohmann::json;

bool matches_where_named(const json& published, const char* key, const json& ours) {
  return !published.contains(key) || published.at(key).is_null() || published.at(key) == ours;
}

/// A published row without a workload (of a migration) belongs to its environment.
bool same_measure(const json& published, const Row& row) {
  if (published.at("metric") != row.metric) return false;
  return published.contains("workload") ? published.at("workload") == row.cell->workload
                                        : published.at("environment") == row.cell->environment;
}

json technique_of(const Row& row) {
  return row.cell->technique ? json(*row.cell->technique) : json(nullptr);
}

/// Published as a multiple of the native value: our ratio stands beside it.
constexpr std::string_view kRelative = "x native";

std::optional<double> own_value(const json& published, const std::vector<Row>& rows,
                                const Comparisons& comparisons, std::size_t i) {
  if (published.at("unit") == kRelative) {
    const auto& comparison = comparisons.of_row[i];
    if (!comparison || rows[comparison->baseline].cell->environment != "native")
      return std::nullopt;
    return comparison->ratio;
  }
  if (published.at("unit") != rows[i].unit) return std::nullopt;
  std::vector<double> values;
  for (const Launch& launch : rows[i].launches())
    values.push_back(launch.value);
  return summarize(std::span<const double>(values))->median;
}

json counterpart(const json& published, const std::vector<Row>& rows,
                 const Comparisons& comparisons) {
  if (published.contains("finding")) return nullptr;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    if (!same_measure(published, row) || published.at("environment") != row.cell->environment ||
        row.cell->control || !matches_where_named(published, "technique", technique_of(row)) ||
        !matches_where_named(published, "point", row.point)) {
      continue;
    }
    if (const auto value = own_value(published, rows, comparisons, i))
      return {{"cell", row.cell->id}, {"point", row.point}, {"value", *value}};
  }
  return nullptr;
}

}  // namespace

json published_beside(const std::vector<Row>& rows, const Comparisons& comparisons) {
  json list = json::array();
  for (const auto& [name, text] : kPublished) {
    const json document = parse_json(std::string(text), std::string(name));
    for (json row : document.at("rows")) {
      const bool measured = std::any_of(rows.begin(), rows.end(),
                                        [&](const Row& own) { return same_measure(row, own); });
      if (!measured) continue;
      row["source"] = document.at("source");
      row["hardware"] = row.value("hardware", document.at("hardware"));
      row["label"] = "other hardware";
      row["ours"] = counterpart(row, rows, comparisons);
      list.push_back(std::move(row));
    }
  }
  return list;
}

}  // namespace migbench
