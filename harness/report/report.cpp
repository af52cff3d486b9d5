#include "harness/report/report.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "bench/quantile.hpp"
#include "bench/version.hpp"
#include "harness/plan/schema.hpp"
#include "harness/report/compare.hpp"
#include "harness/report/figures.hpp"
#include "harness/report/migrations.hpp"
#include "harness/report/not_run.hpp"
#include "harness/report/published.hpp"
#include "harness/report/row_json.hpp"
#include "harness/report/rows.hpp"
#include "harness/report/run_data.hpp"
#include "harness/report/sweeps.hpp"

namespace migbench {
namespace {

using nlohmann::json;

Baseline choose_baseline(const json& plan, const ReportOptions& options) {
  Baseline chosen;
  const json compare = plan.value("compare", json::object());
  const json baseline = compare.value("baseline", json::object());
  chosen.environment = options.baseline.value_or(baseline.value("environment", "native"));
  if (baseline.contains("technique") && baseline.at("technique").is_string())
    chosen.technique = baseline.at("technique").get<std::string>();
  if (options.baseline_technique) chosen.technique = options.baseline_technique;
  chosen.margin = options.margin.value_or(compare.value("margin", chosen.margin));
  if (!(chosen.margin > 0) || !std::isfinite(chosen.margin))
    throw InputError(fmt::format("margin {}: must be above 0, as 0.05 for 5 %", chosen.margin));
  return chosen;
}

/// A baseline that no cell has is a mistake of whoever chose it; the default may be absent.
void check_choice(const RunData& data, const ReportOptions& options) {
  const auto check = [&](const std::optional<std::string>& wanted, const char* kind, auto get) {
    if (!wanted) return;
    std::set<std::string> known;
    for (const Cell& cell : data.cells)
      known.insert(get(cell));
    known.erase("");
    if (known.contains(*wanted)) return;
    throw InputError(fmt::format("baseline {} '{}': the run has only: {}", kind, *wanted,
                                 fmt::join(known, ", ")));
  };
  check(options.baseline, "environment", [](const Cell& cell) { return cell.environment; });
  check(options.baseline_technique, "technique",
        [](const Cell& cell) { return cell.technique.value_or(""); });
}

json text_or_null(const json& object, const char* key) {
  const json value = object.value(key, json());
  return value.is_string() ? value : json(nullptr);
}

/// What others used of the machine while trials ran, see ForeignLoad; null where no record knows.
json foreign_share_json(const std::vector<Record>& records) {
  std::vector<double> shares;
  for (const Record& record : records) {
    const json share = record.load.value("foreign_share", json());
    if (share.is_number()) shares.push_back(share.get<double>());
  }
  const auto summary = summarize(shares);
  if (!summary) return nullptr;
  return {{"median", summary->median}, {"maximum", summary->maximum}};
}

/// From the first start to the end of the last session; where the run was killed, to nothing.
json run_json(const RunData& data) {
  const std::string state = data.run.value("state", "unknown");
  double elapsed = 0;
  for (const Record& record : data.records)
    elapsed += record.elapsed_s;
  json ended = nullptr;
  const json sessions = data.run.value("sessions", json::array());
  if (sessions.is_array() && !sessions.empty() && sessions.back().is_object())
    ended = text_or_null(sessions.back(), "ended");
  return {{"name", data.name},
          {"plan", text_or_null(data.run, "plan")},
          {"state", state},
          {"complete", state == "finished"},
          {"seed", data.run.value("seed", json())},
          {"version", text_or_null(data.run, "version")},
          {"commit", text_or_null(data.run, "commit")},
          {"started", text_or_null(data.run, "started")},
          {"ended", ended},
          {"measured_s", elapsed},
          {"foreign_share", foreign_share_json(data.records)},
          {"host", data.run.value("host", json::object())}};
}

json labels_of(const RunData& data) {
  std::set<std::string> labels;
  for (const Record& record : data.records)
    labels.insert(record.labels.begin(), record.labels.end());
  return labels;
}

json comparison_json(const Baseline& baseline, const FamilyLevel& level) {
  return {{"baseline",
           {{"environment", baseline.environment},
            {"technique", baseline.technique ? json(*baseline.technique) : json(nullptr)}}},
          {"margin", baseline.margin},
          {"comparisons", level.comparisons},
          {"conclusive", level.conclusive},
          {"confidence", 1 - level.alpha},
          {"correction", "false coverage rate 5 % over all comparisons of the report"}};
}

}  // namespace

json make_report(const std::filesystem::path& run_directory, const ReportOptions& options) {
  const RunData data = read_run(run_directory);
  check_choice(data, options);
  const Baseline baseline = choose_baseline(data.plan, options);
  const std::vector<Row> rows = make_rows(data);
  const Comparisons comparisons = compare(rows, baseline, options.seed);
  json report{{"schema", "migbench-report/1"},
              {"made_by", {{"version", version()}, {"commit", commit()}, {"seed", options.seed}}},
              {"run", run_json(data)},
              {"labels", labels_of(data)},
              {"comparison", comparison_json(baseline, comparisons.level)},
              {"summary", summarize_cells(data)},
              {"rows", rows_json(data, rows, comparisons, baseline)},
              {"not_run", list_not_run(data)},
              {"migrations", summarize_migrations(data)},
              {"sweeps", fit_sweeps(rows, options.seed)},
              {"published", published_beside(rows, comparisons)}};
  report["figures"] = make_figures(report);
  return report;
}

json read_report(const std::filesystem::path& path) {
  json report = read_json(path);
  if (const auto complaints = check_schema(published_schema("report"), report);
      !complaints.empty()) {
    throw InputError(fmt::format("{}: not a report: at {}: {}", path.string(),
                                 complaints[0].pointer.empty() ? "/" : complaints[0].pointer,
                                 complaints[0].message));
  }
  return report;
}

}  // namespace migbench
