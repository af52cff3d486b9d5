// How a host is reached by ssh: commands, and files as tar streams.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/site/place.hpp"

namespace migbench {

struct SshTarget {
  std::string host;                    ///< "n1", "root@10.1.2.3"
  std::vector<std::string> options{};  ///< of ssh: {"-p", "2222"}
  std::string program = "ssh";
  const Place* via = nullptr;  ///< where ssh itself runs; null: this machine
};

/// The command which, run on this machine, runs `command` there: no password is asked for, streams
/// and exit status are passed through. When its ssh is ended, what it started there is ended, too
/// (by setpriv of util-linux, which the host needs).
[[nodiscard]] Command ssh_command(const SshTarget& target, const Command& command);

/// The words of mpirun's remote shell up to the host: it adds the command itself.
[[nodiscard]] std::vector<std::string> ssh_words(const SshTarget& target);

/// A file, or a directory with all that is in it, to or from there, with modes and times, whole in
/// memory on its way.
/// Throws Error.
void ssh_put(const SshTarget& target, const std::filesystem::path& here,
             const std::filesystem::path& there);
void ssh_get(const SshTarget& target, const std::filesystem::path& there,
             const std::filesystem::path& here);

}  // namespace migbench
