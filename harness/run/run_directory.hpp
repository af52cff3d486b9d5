// A run on disk:
//
//   RUN/plan.json      the plan with its overrides and its seed, as it was expanded
//   RUN/cells.json     the cells
//   RUN/run.json       state, seed, host facts, commit, argv, what became of each cell
//   RUN/records/       one file a trial
//   RUN/log            what was done when
//   RUN/lock           held while a migbench works in it
//
// Everything is written whole or not at all, so that a crash at any moment costs at most the trial
// that was running.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/plan/cell.hpp"
#include "harness/plan/plan.hpp"
#include "harness/run/record.hpp"

namespace migbench {

class RunDirectory {
 public:
  /// Makes ROOT/DATE-TIME-PLAN and locks it. `plan.seed` must be set.
  static RunDirectory create(const std::filesystem::path& root, const Plan& plan,
                             const std::vector<Cell>& cells, const std::vector<std::string>& argv);
  /// Opens a run to go on with it. Throws InputError where it is none, where its plan or cells were
  /// altered since, or where another migbench works in it.
  static RunDirectory open(const std::filesystem::path& path, const std::vector<std::string>& argv);

  RunDirectory(RunDirectory&& other) noexcept;
  RunDirectory& operator=(RunDirectory&&) = delete;
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;
  ~RunDirectory();  ///< gives up the lock

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::string name() const { return path_.filename().string(); }
  [[nodiscard]] const std::vector<Cell>& cells() const noexcept { return cells_; }
  [[nodiscard]] const nlohmann::json& site() const noexcept { return site_; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  /// Of the whole run, all sessions.
  [[nodiscard]] std::optional<Nanoseconds> budget() const noexcept { return budget_; }
  /// Of this session alone, in the plan's budget's place: what is spent is not counted.
  [[nodiscard]] std::optional<Nanoseconds> session_budget() const noexcept {
    return session_budget_;
  }
  void set_session_budget(Nanoseconds budget) noexcept { session_budget_ = budget; }

  [[nodiscard]] bool keeps_instances() const noexcept { return keeps_instances_; }

  void store(const Record& record) const;
  /// `state`: "running", "finished", "interrupted", "stopped" (by an error); `outcomes`: one object
  /// a cell.
  void set_state(const std::string& state, const nlohmann::json& outcomes);
  void log(const std::string& line) const;

 private:
  explicit RunDirectory(std::filesystem::path path);
  void lock();
  void read_contents();
  void begin_session(const std::vector<std::string>& argv);

  std::filesystem::path path_;
  int lock_ = -1;
  nlohmann::json run_;
  std::vector<Cell> cells_;
  nlohmann::json site_;
  std::uint64_t seed_ = 0;
  std::optional<Nanoseconds> budget_;
  std::optional<Nanoseconds> session_budget_;
  bool keeps_instances_ = false;
};

/// "2026-11-22T12:00:00Z".
[[nodiscard]] std::string utc_now();

}  // namespace migbench
