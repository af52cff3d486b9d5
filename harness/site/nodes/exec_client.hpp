// Running a command at a place of a site from another process: what migbench-exec and the agent of
// mpirun do.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace migbench {

struct ExecOptions {
  std::filesystem::path site;  ///< the site's directory
  std::string place;           ///< a name in its table
  std::vector<std::string> argv;
  std::string directory{};  ///< empty: this process's own where it exists there, else "/"
  std::string cgroup{};     ///< to be born in; empty: the place's own
  bool detached = false;    ///< in a container: do not wait, standard streams are /dev/null
};

/// Runs it with this process's environment and standard streams, passes signals on, and returns its
/// exit status (128 + n where a signal ended it). Throws Error where it cannot be started,
/// InputError where there is no such place.
[[nodiscard]] int exec_at(const ExecOptions& options);

}  // namespace migbench
