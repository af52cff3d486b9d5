// The places of a site by name, as files below its directory, so that programs on any node can find
// them: SITE/places/NAME, lines of "key value".
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace migbench {

struct PlaceEntry {
  std::string name;
  std::string address;   ///< on the workload's network
  std::string socket;    ///< of the exec server of the node that it is (on)
  std::string init{};    ///< a container's process 1 as that node sees it; empty: a node
  std::string cgroup{};  ///< a container's cgroup directories, ':' between; empty: the node's own
  /// The words that come before a command which is run there: a guest is reached by a client
  /// ("migbench-guest-exec --at 10.77.0.101:7711 --") that runs on the node of `socket`.
  std::vector<std::string> via{};
};

/// Replaces the entry at once (rename). Throws Error.
void write_place(const std::filesystem::path& site, const PlaceEntry& entry);
void remove_place(const std::filesystem::path& site, const std::string& name);

/// Empty where there is none of that name.
[[nodiscard]] std::optional<PlaceEntry> read_place(const std::filesystem::path& site,
                                                   const std::string& name);

/// Throws InputError for what cannot be a host name (RFC 1123: letters, digits, '-', at most 63).
void check_host_name(const std::string& name);

}  // namespace migbench
