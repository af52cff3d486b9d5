// The record of one trial: what statistics and reports are made from, also years later.
//
// results/schema/record.schema.json is its published form. All times in nanoseconds are
// deadline_now_ns() of the harness's machine, so that phases of a migration and the probe's
// timeline can be laid over each other.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/migration/technique.hpp"
#include "harness/plan/cell.hpp"
#include "harness/site/command.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {

inline constexpr std::string_view kRecordSchema = "migbench-record/1";

enum class Outcome {
  ok,
  failed,       ///< `reason` says why
  unsupported,  ///< cannot run here: `reason` and `remedy`
  suspect       ///< measured, but a validity check failed: `reason` says which
};

[[nodiscard]] std::string_view name(Outcome outcome);

/// A process of the trial, as it was run.
struct CommandRun {
  std::string role;   ///< "workload", "echo-server", "probe"
  std::string place;  ///< the name of the node or instance, "head" for the site's head
  Command command{};  ///< before it was wrapped to enter the place
  int status = 0;
  bool timed_out = false;
  double elapsed_s = 0;
  std::string err_tail{};  ///< the end of its standard error
};

struct Record {
  std::string run;  ///< name of the run's directory
  Cell cell;
  int trial = 1;     ///< of this cell, from 1
  int sequence = 0;  ///< position in the run's schedule, from 0
  Outcome outcome = Outcome::ok;
  std::string reason{};
  std::string remedy{};
  std::vector<std::string> labels{};  ///< "virtual nodes", "emulated: TCG"; sorted
  /// The workload's own, and of migrated cells "migration-time", "downtime-ESTIMATOR" and
  /// "phase-NAME" (ms), with {"migration": 1 ...} as the point where one trial moves several times.
  std::vector<Metric> metrics{};
  nlohmann::json document{};  ///< the driver's own JSON document; null where there is none
  nlohmann::json evidence{};  ///< see evidence_of(); null where the ranks leave none
  std::vector<MoveResult> migrations{};
  nlohmann::json probe{};  ///< the document of migbench-udp-probe; null where none ran
  std::vector<CommandRun> commands{};
  nlohmann::json instances = nlohmann::json::array();    ///< [{"name", "address", "node", "facts"}]
  nlohmann::json site = nlohmann::json::object();        ///< Site::facts()
  nlohmann::json load = nlohmann::json::object();        ///< see ForeignLoad
  nlohmann::json provenance = nlohmann::json::object();  ///< see provenance()
  std::string started{};                                 ///< UTC, "2026-11-22T12:00:00Z"
  double elapsed_s = 0;  ///< of the whole trial, bringing up and taking down included
};

[[nodiscard]] nlohmann::json to_json(const Record& record);

/// Throws InputError "ORIGIN: at /metrics/0/value: ..." where `json` is no record.
[[nodiscard]] Record record_from_json(const nlohmann::json& json, const std::string& origin);
[[nodiscard]] Record read_record(const std::filesystem::path& file);

/// All records of a run's directory (RUN/records/*.json), in the order of the schedule. Throws
/// InputError that names the file and the place in it.
[[nodiscard]] std::vector<Record> read_records(const std::filesystem::path& run_directory);

/// "CELLID-007.json".
[[nodiscard]] std::string record_file_name(const std::string& cell_id, int trial);

}  // namespace migbench
