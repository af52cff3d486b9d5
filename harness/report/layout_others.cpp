// Sweeps, published numbers, and what did not run.
#include <algorithm>

#include <fmt/format.h>

#include "harness/report/numbers.hpp"
#include "harness/report/row_view.hpp"

namespace migbench {
namespace {

using nlohmann::json;

std::string trials_text(const json& trials) {
  std::string text;
  for (const json& trial : trials)
    text += (text.empty() ? "" : " ") + trial.dump();
  return text;
}

}  // namespace

std::vector<TableView> sweep_tables(const json& report) {
  TableView table{
      "sweeps: fixed cost and cost of every further unit (Theil-Sen line)", "", {}, {}, {}};
  table.header = {"workload", "environment", "parameters", "metric", "over",
                  "fixed",    "slope",       "per",        "misfit", "n"};
  json labels = json::array();
  for (const json& fit : report.at("sweeps")) {
    // Lines through every phase and estimator would bury those of the totals.
    const auto metric = fit.at("metric").get<std::string>();
    if (metric.starts_with("phase-")) continue;
    if (metric.starts_with("downtime-") && metric != "downtime-best") continue;
    table.rows.push_back(
        {{fit.at("workload").get<std::string>()},
         {place_text(fit)},
         {object_text(fit.at("parameters"))},
         {metric + (fit.at("point").empty() ? "" : " " + object_text(fit.at("point")))},
         {fit.at("parameter").get<std::string>()},
         {estimate_text(fit.at("fixed").at("value"), fit.at("fixed").at("interval"))},
         {estimate_text(fit.at("slope").at("value"), fit.at("slope").at("interval"))},
         {fit.at("unit").get<std::string>() + "/" + fit.at("per").get<std::string>()},
         {fmt::format("{:.0f} %", 100 * fit.at("misfit").get<double>())},
         {std::to_string(fit.at("n").get<std::size_t>())}});
    for (const json& label : fit.at("labels")) {
      if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
    }
  }
  if (table.rows.empty()) return {};
  table.caption = labels_text(labels);
  fold_shared_columns(table, {"workload", "environment", "parameters", "over", "per"});
  table.notes.emplace_back(
      "misfit: largest distance of a point's median from the line; above the noise, the cost is "
      "not "
      "linear");
  return {table};
}

namespace {

TableView published_table(const char* title, std::vector<std::string> header) {
  return {title, "other hardware: compared with nothing", std::move(header), {}, {}};
}

void add_published(TableView& table, const json& row, std::vector<Text> texts) {
  table.rows.push_back(std::move(texts));
  const std::string source =
      row.at("source").get<std::string>() + "; there: " + row.at("hardware").get<std::string>();
  if (std::find(table.notes.begin(), table.notes.end(), source) == table.notes.end())
    table.notes.push_back(source);
}

std::vector<Text> number_beside(const json& row) {
  const json& ours = row.at("ours");
  std::string value = number_text(row.at("value"));
  if (row.contains("value_to")) value += " to " + number_text(row.at("value_to"));
  return {{row.value("workload", "any")},
          {row.at("metric").get<std::string>()},
          {row.at("environment").get<std::string>()},
          {row.at("unit").get<std::string>()},
          {value},
          {ours.is_object() ? number_text(ours.at("value")) : "-"},
          {ours.is_object() ? object_text(ours.at("point")) : ""},
          {row.at("place").get<std::string>()}};
}

}  // namespace

std::vector<TableView> published_tables(const json& report) {
  TableView numbers = published_table(
      "published numbers beside ours",
      {"workload", "metric", "environment", "unit", "published", "ours", "ours at", "place"});
  TableView findings = published_table("published without numbers, to be read beside our ratios",
                                       {"workload", "metric", "environment", "published", "place"});
  for (const json& row : report.at("published")) {
    if (!row.contains("finding")) {
      add_published(numbers, row, number_beside(row));
      continue;
    }
    add_published(findings, row,
                  {{row.value("workload", "any")},
                   {row.at("metric").get<std::string>()},
                   {row.at("environment").get<std::string>()},
                   {row.at("finding").get<std::string>()},
                   {row.at("place").get<std::string>()}});
  }
  std::vector<TableView> tables;
  for (TableView* table : {&numbers, &findings}) {
    if (table->rows.empty()) continue;
    fold_shared_columns(*table, {"workload", "metric", "unit", "place"});
    tables.push_back(std::move(*table));
  }
  return tables;
}

std::vector<TableView> not_run_tables(const json& report) {
  if (report.at("not_run").empty()) return {};
  TableView table{"not measured, or not in every trial", "", {}, {}, {}};
  table.header = {"workload", "environment", "parameters", "outcome", "trials", "reason"};
  for (const json& cell : report.at("not_run")) {
    const auto outcome = cell.at("outcome").get<std::string>();
    std::string reason = cell.at("reason").get<std::string>();
    if (const auto remedy = cell.at("remedy").get<std::string>(); !remedy.empty())
      reason += " -> " + remedy;
    table.rows.push_back({{cell.at("workload").get<std::string>()},
                          {place_text(cell)},
                          {object_text(cell.at("parameters"))},
                          {outcome, outcome == "failed" ? Tone::bad : Tone::unsure},
                          {trials_text(cell.at("trials"))},
                          {one_line(reason)}});
  }
  return {table};
}

}  // namespace migbench
