// How a running workload is moved. One file each; docs/adding.md shows a whole one.
//
// A move has two halves: prepare() does everything that needs no pause of the workload and is not
// timed as migration, and Migration::move() is what the user waits for. Times are deadline_now_ns()
// of the harness.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "harness/environment/environment.hpp"

namespace migbench {

/// A named stretch of a move: "freeze", "dump", "transfer", "restore", "switch", "resume" ...
/// Phases may overlap.
struct Phase {
  std::string name;
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  nlohmann::json details = nlohmann::json::object();  ///< for example {"bytes": 4194304}
};

/// What came of one move.
struct MoveResult {
  std::int64_t request_ns = 0;  ///< the command was issued
  std::int64_t done_ns = 0;     ///< it returned: done - request is the migration time
  bool moved = true;  ///< false: the workload still runs (or runs again) at its source, and
                      ///< `reason` says why
  std::string reason{};
  std::vector<Phase> phases{};
  nlohmann::json facts =
      nlohmann::json::object();  ///< the tools' own statistics, commands, versions, labels
};

struct MoveRequest {
  Site* site = nullptr;
  Instance* instance = nullptr;
  Node* destination = nullptr;
  nlohmann::json parameters;  ///< the cell's parameters
  Nanoseconds deadline{std::chrono::seconds{60}};
};

/// One prepared move. The destructor undoes what was prepared and not used.
class Migration {
 public:
  virtual ~Migration() = default;
  /// To be called once. An expected failure (destination full, dump refused) is a MoveResult with
  /// moved == false; it throws Error only where it can no longer say where the workload is.
  [[nodiscard]] virtual MoveResult move() = 0;
};

class Technique {
 public:
  virtual ~Technique() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::string_view summary() const = 0;
  /// The environments whose instances it can move.
  [[nodiscard]] virtual std::vector<std::string_view> environments() const = 0;
  /// Whether it can be used on this site. A null site asks for this machine in general.
  [[nodiscard]] virtual Support check(const Site* site) const = 0;
  [[nodiscard]] virtual std::vector<std::string_view> parameters() const { return {}; }
  /// Whether the instance ends on another node (freeze stays where it is).
  [[nodiscard]] virtual bool changes_node() const { return true; }
  /// Whether no connection leads out of what it moves: a job whose mpirun runs at the site's head
  /// cannot be moved by it.
  [[nodiscard]] virtual bool moves_whole_jobs() const { return false; }
  /// Throws InputError for a bad parameter, Error where it cannot be prepared.
  [[nodiscard]] virtual std::unique_ptr<Migration> prepare(const MoveRequest& request) const = 0;
};

}  // namespace migbench
