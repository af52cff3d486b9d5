// How the exec server starts a command: on its own node, or inside a container of the node.
#pragma once

#include <array>
#include <string>

#include "harness/site/nodes/exec_server.hpp"
#include "harness/site/nodes/wire.hpp"

namespace migbench {

/// What became of a start. `pid`: as the node sees it; in a container, as the container does.
struct Launched {
  pid_t pid = -1;
  int error = 0;     ///< errno
  std::string what;  ///< what was tried, where error is not 0
};

/// A session of its own with `streams` as its standard descriptors.
[[nodiscard]] Launched launch_here(const ExecRequest& request, const ExecServerConfig& config,
                                   const std::array<UniqueFd, 3>& streams);

/// A descendant of the container's process 1, not of the server: only then CRIU dumps it with the
/// container. Its standard streams are files opened inside the container.
[[nodiscard]] Launched launch_in_container(const ExecRequest& request);

/// Sends request.signal to the process group request.target inside the container.
[[nodiscard]] Launched signal_in_container(const ExecRequest& request);

}  // namespace migbench
