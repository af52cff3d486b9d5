// How the harness reaches a guest: through the exec agent that is its process 1, from a place that
// is on the guest's network; or by ssh, for a user's own image.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/site/place.hpp"

namespace migbench::guest {

struct Access {
  enum class Way { agent, ssh };
  Way way = Way::agent;
  std::string at;              ///< agent: "10.77.0.41:7711"; ssh: "root@10.77.0.41"
  const Place* via = nullptr;  ///< where the client runs; null: the harness's own machine
  std::string ssh_options{};   ///< ssh: further options, as one shell word list
};

/// The command that, run on the harness's machine, runs `command` in the guest.
[[nodiscard]] Command enter(const Access& access, const Command& command);

/// The words that come before a command which `via` runs in the guest: for the site's table of
/// places (PlaceEntry::via).
[[nodiscard]] std::vector<std::string> words_before(const Access& access);

/// Waits until the guest answers. Throws Error after the deadline.
void wait_until_ready(const Access& access, Nanoseconds deadline);

/// Brings a file or a directory tree there / here. Throws Error.
void copy_to(const Access& access, const std::filesystem::path& here,
             const std::filesystem::path& there);
void copy_from(const Access& access, const std::filesystem::path& there,
               const std::filesystem::path& here);

}  // namespace migbench::guest
