// One line a row of the report, for spreadsheets and R; cells that did not run are lines as well.
#include <fmt/format.h>

#include "harness/report/csv.hpp"
#include "harness/report/numbers.hpp"
#include "harness/report/report.hpp"

namespace migbench {
namespace {

using nlohmann::json;

/// All digits of a number, nothing for null.
std::string field(const json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  return value.dump();
}

std::string end_of(const json& interval, std::size_t which) {
  return interval.is_array() ? field(interval.at(which)) : "";
}

std::vector<std::string> identity(const json& row) {
  return {field(row.at("cell")),
          field(row.at("experiment")),
          field(row.at("workload")),
          field(row.at("environment")),
          field(row.at("technique")),
          row.at("control").get<bool>() ? "true" : "false",
          object_text(row.at("parameters"))};
}

std::string join_notes(const json& notes) {
  return labels_text(notes);
}

std::vector<std::string> measured_fields(const json& row) {
  std::vector<std::string> fields = identity(row);
  const json& ratio = row.at("ratio");
  const auto of_ratio = [&](const char* key) {
    return ratio.is_object() ? field(ratio.at(key)) : std::string();
  };
  const json interval = ratio.is_object() ? ratio.at("interval") : json();
  fields.insert(fields.end(), {row.at("suspect").get<bool>() ? "suspect" : "ok",
                               field(row.at("metric")),
                               object_text(row.at("point")),
                               field(row.at("unit")),
                               field(row.at("better")),
                               field(row.at("n")),
                               field(row.at("median")),
                               end_of(row.at("interval"), 0),
                               end_of(row.at("interval"), 1),
                               field(row.at("minimum")),
                               field(row.at("maximum")),
                               of_ratio("value"),
                               end_of(interval, 0),
                               end_of(interval, 1),
                               of_ratio("verdict"),
                               ratio.is_object() ? field(ratio.at("baseline").at("cell")) : "",
                               std::to_string(row.at("outliers").size()),
                               field(row.at("stopped")),
                               labels_text(row.at("labels")),
                               join_notes(row.at("notes"))});
  return fields;
}

const std::vector<std::string> kHeader{
    "cell",       "experiment", "workload",   "environment", "technique",     "control",
    "parameters", "outcome",    "metric",     "point",       "unit",          "better",
    "n",          "median",     "median_low", "median_high", "minimum",       "maximum",
    "ratio",      "ratio_low",  "ratio_high", "verdict",     "baseline_cell", "outliers",
    "stopped",    "labels",     "notes"};

std::vector<std::string> not_run_fields(const json& cell) {
  std::vector<std::string> fields = identity(cell);
  fields.push_back(field(cell.at("outcome")));
  fields.resize(kHeader.size());
  const auto remedy = field(cell.at("remedy"));
  fields.back() = field(cell.at("reason")) + (remedy.empty() ? "" : " -> " + remedy);
  return fields;
}

class CsvFormat final : public ReportFormat {
 public:
  [[nodiscard]] std::string_view name() const override { return "csv"; }
  [[nodiscard]] std::string_view summary() const override {
    return "one line a cell, metric and point";
  }
  [[nodiscard]] std::string_view file_name() const override { return "report.csv"; }

 protected:
  [[nodiscard]] std::string draw(const json& report,
                                 const RenderOptions& /*options*/) const override {
    std::string out = csv_line(kHeader);
    for (const json& row : report.at("rows"))
      out += csv_line(measured_fields(row));
    for (const json& cell : report.at("not_run"))
      out += csv_line(not_run_fields(cell));
    return out;
  }
};

MIGBENCH_REGISTER(ReportFormat, CsvFormat);

}  // namespace
}  // namespace migbench
