// Process 1 of a node: reaps orphans and runs commands for clients of its socket.
#pragma once

#include <filesystem>
#include <string>

#include "harness/site/unique_fd.hpp"

namespace migbench {

struct ExecServerConfig {
  std::filesystem::path site;    ///< the site's directory, for its table of places
  std::string name;              ///< host name of the node
  std::filesystem::path cgroup;  ///< where commands are born; empty: where the server is
};

/// Serves until the process is killed. `listener`: from listen_path().
[[noreturn]] void serve_commands(const UniqueFd& listener, const ExecServerConfig& config);

}  // namespace migbench
