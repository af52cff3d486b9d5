#include "harness/run/record.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/plan/schema.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> kOutcomes{"ok", "failed", "unsupported", "suspect"};

Outcome outcome_of(const std::string& text) {
  const auto found = std::find(kOutcomes.begin(), kOutcomes.end(), text);
  return static_cast<Outcome>(found - kOutcomes.begin());
}

json metric_json(const Metric& metric) {
  return {{"name", metric.name},
          {"point", metric.point},
          {"value", metric.value},
          {"unit", metric.unit},
          {"better", metric.better == Better::lower ? "lower" : "higher"}};
}

Metric metric_from(const json& document) {
  return {document.at("name"), document.at("point"), document.at("value"), document.at("unit"),
          document.at("better") == "lower" ? Better::lower : Better::higher};
}

json migration_json(const MoveResult& move) {
  json phases = json::array();
  for (const auto& phase : move.phases)
    phases.push_back({{"name", phase.name},
                      {"start_ns", phase.start_ns},
                      {"end_ns", phase.end_ns},
                      {"details", phase.details}});
  return {{"request_ns", move.request_ns}, {"done_ns", move.done_ns}, {"moved", move.moved},
          {"reason", move.reason},         {"phases", phases},        {"facts", move.facts}};
}

MoveResult migration_from(const json& document) {
  MoveResult move{document.at("request_ns"),
                  document.at("done_ns"),
                  document.at("moved"),
                  document.at("reason"),
                  {},
                  document.at("facts")};
  for (const auto& phase : document.at("phases"))
    move.phases.push_back(
        {phase.at("name"), phase.at("start_ns"), phase.at("end_ns"), phase.at("details")});
  return move;
}

json command_json(const CommandRun& run) {
  return {{"role", run.role},           {"place", run.place},      {"argv", run.command.argv},
          {"env", run.command.env},     {"status", run.status},    {"timed_out", run.timed_out},
          {"elapsed_s", run.elapsed_s}, {"err_tail", run.err_tail}};
}

CommandRun command_from(const json& document) {
  CommandRun run{document.at("role"), document.at("place")};
  run.command.argv = document.at("argv").get<std::vector<std::string>>();
  run.command.env = document.at("env").get<std::map<std::string, std::string>>();
  run.status = document.at("status");
  run.timed_out = document.at("timed_out");
  run.elapsed_s = document.at("elapsed_s");
  run.err_tail = document.at("err_tail");
  return run;
}

template <class Item, class Make>
auto mapped(const Item& items, Make make) {
  std::vector<decltype(make(*items.begin()))> list;
  for (const auto& item : items)
    list.push_back(make(item));
  return list;
}

}  // namespace

std::string_view name(Outcome outcome) {
  return kOutcomes.at(static_cast<std::size_t>(outcome));
}

json to_json(const Record& record) {
  return {
      {"schema", kRecordSchema},         {"run", record.run},
      {"cell", to_json(record.cell)},    {"trial", record.trial},
      {"sequence", record.sequence},     {"outcome", name(record.outcome)},
      {"reason", record.reason},         {"remedy", record.remedy},
      {"labels", record.labels},         {"metrics", mapped(record.metrics, metric_json)},
      {"document", record.document},     {"migrations", mapped(record.migrations, migration_json)},
      {"probe", record.probe},           {"commands", mapped(record.commands, command_json)},
      {"instances", record.instances},   {"site", record.site},
      {"evidence", record.evidence},     {"load", record.load},
      {"provenance", record.provenance}, {"started", record.started},
      {"elapsed_s", record.elapsed_s}};
}

Record record_from_json(const json& document, const std::string& origin) {
  if (const auto complaints = check_schema(published_schema("record"), document);
      !complaints.empty()) {
    throw InputError(fmt::format("{}: not a record: at {}: {}", origin, complaints[0].pointer,
                                 complaints[0].message));
  }
  Record record;
  record.run = document.at("run");
  record.cell = cell_from_json(document.at("cell"));
  record.trial = document.at("trial");
  record.sequence = document.at("sequence");
  record.outcome = outcome_of(document.at("outcome"));
  record.reason = document.at("reason");
  record.remedy = document.at("remedy");
  record.labels = document.at("labels").get<std::vector<std::string>>();
  record.metrics = mapped(document.at("metrics"), metric_from);
  record.document = document.at("document");
  record.migrations = mapped(document.at("migrations"), migration_from);
  record.probe = document.at("probe");
  record.commands = mapped(document.at("commands"), command_from);
  record.instances = document.at("instances");
  record.site = document.at("site");
  record.evidence = document.value("evidence", json());  // records of before have none
  record.load = document.at("load");
  record.provenance = document.at("provenance");
  record.started = document.at("started");
  record.elapsed_s = document.at("elapsed_s");
  return record;
}

Record read_record(const std::filesystem::path& file) {
  return record_from_json(read_json(file), file.string());
}

std::vector<Record> read_records(const std::filesystem::path& run_directory) {
  const auto directory = run_directory / "records";
  if (!std::filesystem::is_directory(directory)) {
    throw InputError(fmt::format("{}: not the directory of a run: it has no directory 'records'",
                                 run_directory.string()));
  }
  std::vector<Record> records;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    // A crash may leave NAME.json.PID.new, which was never a record.
    if (entry.path().extension() != ".json") continue;
    records.push_back(read_record(entry.path()));
    const auto& last = records.back();
    if (entry.path().filename() != record_file_name(last.cell.id, last.trial))
      throw InputError(fmt::format("{}: holds trial {} of cell {}, which its name contradicts",
                                   entry.path().string(), last.trial, last.cell.id));
  }
  std::sort(records.begin(), records.end(),
            [](const Record& a, const Record& b) { return a.sequence < b.sequence; });
  return records;
}

std::string record_file_name(const std::string& cell_id, int trial) {
  return fmt::format("{}-{:03}.json", cell_id, trial);
}

}  // namespace migbench
