// One line a row of the report, for spreadsheets and R; cells that did not run are lines as well.
#include "harness/report/csv.hpp"
#include "harness/report/numbers.hpp"
#include "harness/report/report.hpp"

namespace migbench {
namespace {

using nlohmann::json;

/// "size=4096": unlike in tables, sizes as plain numbers.
std::string plain_object(const json& object) {
  std::string text;
  for (const auto& [key, value] : object.items())
    text += (text.empty() ? "" : " ") + key + "=" + csv_field(value);
  return text;
}

std::string end_of(const json& interval, std::size_t which) {
  return interval.is_array() ? csv_field(interval.at(which)) : "";
}

std::vector<std::string> identity(const json& row) {
  return {csv_field(row.at("cell")),         csv_field(row.at("experiment")),
          csv_field(row.at("workload")),     csv_field(row.at("environment")),
          csv_field(row.at("technique")),    row.at("control").get<bool>() ? "true" : "false",
          plain_object(row.at("parameters"))};
}

std::vector<std::string> measured_fields(const json& row) {
  std::vector<std::string> fields = identity(row);
  const json& ratio = row.at("ratio");
  const auto of_ratio = [&](const char* key) {
    return ratio.is_object() ? csv_field(ratio.at(key)) : std::string();
  };
  const json interval = ratio.is_object() ? ratio.at("interval") : json();
  fields.insert(fields.end(), {row.at("suspect").get<bool>() ? "suspect" : "ok",
                               csv_field(row.at("metric")),
                               plain_object(row.at("point")),
                               csv_field(row.at("unit")),
                               csv_field(row.at("better")),
                               csv_field(row.at("n")),
                               csv_field(row.at("median")),
                               end_of(row.at("interval"), 0),
                               end_of(row.at("interval"), 1),
                               csv_field(row.at("minimum")),
                               csv_field(row.at("maximum")),
                               of_ratio("value"),
                               end_of(interval, 0),
                               end_of(interval, 1),
                               of_ratio("verdict"),
                               ratio.is_object() ? csv_field(ratio.at("baseline").at("cell")) : "",
                               std::to_string(row.at("outliers").size()),
                               csv_field(row.at("stopped")),
                               labels_text(row.at("labels")),
                               labels_text(row.at("notes"))});
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
  fields.push_back(csv_field(cell.at("outcome")));
  fields.resize(kHeader.size());
  const auto remedy = csv_field(cell.at("remedy"));
  fields.back() = csv_field(cell.at("reason")) + (remedy.empty() ? "" : " -> " + remedy);
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
