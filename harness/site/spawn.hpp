// Starting a program: the part between fork and exec, which may only do what is async-signal-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

#include "harness/site/command.hpp"
#include "harness/site/unique_fd.hpp"

namespace migbench {

/// The program that argv[0] names in the PATH of `env`, or of this process. Throws Error.
[[nodiscard]] std::string search_path(const std::string& name,
                                      const std::map<std::string, std::string>& env = {});

/// This process's environment with `added` laid over it, as "NAME=value".
[[nodiscard]] std::vector<std::string> merged_environment(
    const std::map<std::string, std::string>& added);

struct SpawnRequest {
  Command command;
  int in = -1, out = -1, err = -1;  ///< the child's standard streams; -1: /dev/null
  bool new_session = false;         ///< else a process group of its own
  bool dies_with_parent = true;     ///< SIGKILL when this process ends, however it ends
  int keep = -1;                    ///< a further descriptor that the child gets as number 3
};

/// Throws Error that names the program where it cannot be executed.
[[nodiscard]] pid_t spawn(const SpawnRequest& request);

}  // namespace migbench
