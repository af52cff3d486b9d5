// The process tree that is moved, as the node sees it.
#pragma once

#include <vector>

#include <sys/types.h>

namespace migbench::criu {

/// `root` and all its descendants. Empty where it is gone.
[[nodiscard]] std::vector<pid_t> tree_of(pid_t root);

/// The state letter of /proc/PID/stat ("R", "S", "T", "t", "Z" ...), '\0' where it is gone.
[[nodiscard]] char state_of(pid_t pid);

/// Whether it is there and neither stopped, traced nor dead.
[[nodiscard]] bool runs(pid_t pid);

void signal_all(const std::vector<pid_t>& pids, int number) noexcept;

}  // namespace migbench::criu
