// The directories of local sites: where they are, who holds them, and sweeping those whose owner
// is dead.
//
//   BASE/ID/             one site; BASE is $MIGBENCH_RUNTIME_DIR, or else /run/migbench, for other
//                        users $XDG_RUNTIME_DIR/migbench or /tmp/migbench-UID
//     lock               locked (flock) by the supervisor as long as it lives
//     cgroup             the path of the site's control group, for the sweep
//     places/NAME        see place_table.hpp
//     NAME.sock          the exec server of a node
//     hosts              every node's /etc/hosts
//     streams/           output of commands in containers
//     shared/            a tmpfs that the nodes see (and the harness's own machine does not)
//     scratch/           for the harness and the workloads, at the same path on all nodes
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/site/unique_fd.hpp"

namespace migbench {

[[nodiscard]] std::filesystem::path sites_directory();

/// Makes BASE/ID with an ID of its own and takes its lock. Throws Error.
struct SiteDirectory {
  std::filesystem::path path;
  UniqueFd lock;
};
[[nodiscard]] SiteDirectory make_site_directory(const std::string& prefix = "site");

/// Removes the directories and control groups of sites whose owner is dead. Never throws: what
/// cannot be removed is named in the result.
std::vector<std::string> sweep_dead_sites();

/// Removes one site's control group and directory, whose owner the caller is or knows to be dead.
/// Returns what stays, by name.
std::vector<std::string> remove_site_remains(const std::filesystem::path& site);

}  // namespace migbench
