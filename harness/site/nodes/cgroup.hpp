// Control groups: what a node's and a container's processes are gathered in, to be frozen and to be
// ended together. Version 2 where it is mounted, else the freezer of version 1.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "bench/units.hpp"

namespace migbench {

struct CgroupRoot {
  std::filesystem::path path;  ///< where it is mounted
  int version = 2;
};

/// Where groups can be made on this machine, tried by making one; else why not, in `why`.
[[nodiscard]] std::optional<CgroupRoot> find_cgroup_root(std::string& why);

/// Makes a group (and those above it). Throws Error.
void make_cgroup(const std::filesystem::path& group);

/// Freezes or thaws all processes in the group and below, and waits until they are.
/// Throws Error when they are not by the deadline.
void freeze_cgroup(const std::filesystem::path& group, Nanoseconds deadline);
void thaw_cgroup(const std::filesystem::path& group, Nanoseconds deadline);

/// Kills what runs in the group and below, and removes it all. False where something stays at the
/// deadline. Does nothing where there is no such group.
[[nodiscard]] bool remove_cgroup(const std::filesystem::path& group, Nanoseconds deadline);

}  // namespace migbench
