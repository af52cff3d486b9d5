#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "bench/document.hpp"
#include "bench/table.hpp"
#include "harness/cli/finish_run.hpp"
#include "harness/cli/subcommand.hpp"
#include "harness/run/record.hpp"

namespace migbench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

std::string point_text(const json& point) {
  std::string text;
  for (const auto& [key, value] : point.items())
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", key,
                        value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

void print_metrics(const Record& record) {
  if (record.metrics.empty()) return;
  Table table({"metric", "point", "value", "unit"});
  for (const auto& metric : record.metrics)
    table.add(
        {metric.name, point_text(metric.point), fmt::format("{:.6g}", metric.value), metric.unit});
  fmt::print("\n{}", table.text());
}

void print_migrations(const Record& record) {
  if (record.migrations.empty()) return;
  // Relative to the first request: absolute times of a clock since boot say nothing to a reader.
  const auto zero = record.migrations.front().request_ns;
  const auto at = [&](std::int64_t time) {
    return fmt::format("{:.3f}", static_cast<double>(time - zero) / 1e6);
  };
  Table table({"move", "what", "from ms", "to ms", "details"});
  for (std::size_t i = 0; i < record.migrations.size(); ++i) {
    const auto& move = record.migrations[i];
    const auto number = std::to_string(i + 1);
    table.add({number, move.moved ? "migration" : "not moved: " + move.reason, at(move.request_ns),
               at(move.done_ns), ""});
    for (const auto& phase : move.phases)
      table.add({number, "  " + phase.name, at(phase.start_ns), at(phase.end_ns),
                 point_text(phase.details)});
  }
  if (record.probe.is_object())
    for (const auto& outage : record.probe.value("outages", json::array()))
      table.add({"", "outage: " + outage.value("kind", ""), at(outage.value("start_ns", zero)),
                 at(outage.value("end_ns", zero)), "seen by the probe"});
  fmt::print("\n{}", table.text());
}

void print_record(const Record& record) {
  fmt::print("{} trial {} of run {}\noutcome: {}{}{}\n", record.cell.id, record.trial, record.run,
             name(record.outcome), record.reason.empty() ? "" : ": ", record.reason);
  if (!record.remedy.empty()) fmt::print("remedy: {}\n", record.remedy);
  if (!record.labels.empty()) fmt::print("labels: {}\n", fmt::join(record.labels, ", "));
  fmt::print("started: {}, took {:.2f} s\n", record.started, record.elapsed_s);
  print_metrics(record);
  print_migrations(record);
  for (const auto& run : record.commands)
    fmt::print("\n{} ({}), exit status {} after {:.2f} s:\n  {}\n", run.role, run.place, run.status,
               run.elapsed_s, shell_quote(run.command));
}

void print_run(const json& run) {
  fmt::print("run {}: {}, plan {}, seed {}, started {}, commit {}\n\n", run.value("run", ""),
             run.value("state", ""), run.value("plan", ""), run.value("seed", json()).dump(),
             run.value("started", ""), run.value("commit", ""));
  Table table({"cell", "trials", "ok", "suspect", "failed", "unsupported", "stopped"});
  for (const auto& cell : run.value("cells", json::array()))
    table.add({cell.at("id"), cell.at("trials").dump(), cell.at("ok").dump(),
               cell.at("suspect").dump(), cell.at("failed").dump(), cell.at("unsupported").dump(),
               cell.at("stopped")});
  fmt::print("{}", table.text());
}

void print_what_went_wrong(const std::vector<Record>& records) {
  for (const auto& record : records)
    if (record.outcome != Outcome::ok)
      fmt::print("{} #{}: {}: {}{}\n", record.cell.id, record.trial, name(record.outcome),
                 record.reason, record.remedy.empty() ? "" : "; remedy: " + record.remedy);
}

ExitCode show(const fs::path& what, bool as_json) {
  if (!fs::is_directory(what)) {
    const auto record = read_record(what);
    if (as_json) {
      fmt::print("{}\n", to_json(record).dump(1));
    } else {
      print_record(record);
    }
    return ExitCode::ok;
  }
  auto run = read_json(what / "run.json");
  const auto records = read_records(what);
  if (as_json) {
    run["records"] = json::array();
    for (const auto& record : records)
      run["records"].push_back(to_json(record));
    fmt::print("{}\n", run.dump(1));
  } else {
    print_run(run);
    print_what_went_wrong(records);
  }
  return ExitCode::ok;
}

class ShowCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "show"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Shows a run (cells, outcomes, what went wrong) or one record";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench show runs/20261122-120000-quick\n"
           "  migbench show "
           "runs/20261122-120000-quick/records/native-mpi-latency-3f2a9c1b-001.json";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& /*line*/) const override {
    struct Options {
      std::string what;
      bool as_json = false;
    };
    auto options = std::make_shared<Options>();
    app.add_option("what", options->what,
                   "a run's directory or a record's file; default: the newest in runs/")
        ->type_name("RUN|RECORD");
    app.add_flag("--json", options->as_json, "one JSON document on standard output");
    return [options] {
      return show(options->what.empty() ? newest_run("runs") : fs::path(options->what),
                  options->as_json);
    };
  }
};
MIGBENCH_REGISTER(Subcommand, ShowCommand);

}  // namespace
}  // namespace migbench
