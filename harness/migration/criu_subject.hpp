// What a move with CRIU has to know of an instance: what is to be dumped on the one node and where
// it is to be restored on the other.
#pragma once

#include <filesystem>
#include <memory>

#include "harness/migration/criu/agent.hpp"
#include "harness/migration/technique.hpp"

namespace migbench {

/// Made by prepare(), with whatever has to be made on the destination. Its destructor takes away
/// what is no longer needed: the place that was left or, where nothing was moved, the one that was
/// prepared.
class CriuSubject {
 public:
  virtual ~CriuSubject() = default;
  virtual void fill_source(criu::AgentSettings& settings) const = 0;
  virtual void fill_destination(criu::AgentSettings& settings) const = 0;
  /// The command that runs `command` on the node (not inside the instance).
  [[nodiscard]] virtual Command at_source(const Command& command) const = 0;
  [[nodiscard]] virtual Command at_destination(const Command& command) const = 0;
  /// A directory that both nodes see at this path.
  [[nodiscard]] virtual std::filesystem::path shared() const = 0;
  /// The instance is on the destination from now on; `root` is the tree's root as that node sees
  /// it.
  virtual void adopt(pid_t root) = 0;
};

/// For instances of the environments `container` and `criu` on a local site. Throws Error for
/// others.
[[nodiscard]] std::unique_ptr<CriuSubject> criu_subject(const MoveRequest& request);

}  // namespace migbench
