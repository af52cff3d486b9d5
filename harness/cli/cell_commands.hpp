// The commands of a cell before any node is up.
#pragma once

#include <string>
#include <vector>

#include "harness/plan/cell.hpp"

namespace migbench {

struct PlannedCommand {
  std::string role;   ///< "workload", "echo-server", "probe", "move"
  std::string place;  ///< "head", "i1": an instance
  std::string line;   ///< as for a shell; what only a site that is up knows is written {like this}
};

[[nodiscard]] std::vector<PlannedCommand> cell_commands(const Cell& cell);

}  // namespace migbench
