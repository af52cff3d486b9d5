#include "harness/site/ssh/ssh_target.hpp"

#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/site/process.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

constexpr Nanoseconds kCopyDeadline = std::chrono::minutes(10);

/// sshd tells nothing to what it started when the connection ends; but its own process ends then,
/// and the kernel tells this shell, which passes it on to its process group.
constexpr const char* kGuard =
    R"(trap 'trap "" TERM; kill -TERM 0' TERM; exec 3<&0; "$@" <&3 3<&- & wait $!)";

std::string remote_words(const Command& command) {
  Command inside = command;
  inside.directory.clear();
  const std::string change =
      command.directory.empty() ? "" : "cd " + shell_quote({{command.directory.string()}}) + " && ";
  // The variables belong to the program, not to the guard.
  if (!command.env.empty()) {
    std::vector<std::string> words{"env"};
    for (const auto& [name, value] : command.env)
      words.push_back(name + "=" + value);
    inside.argv.insert(inside.argv.begin(), words.begin(), words.end());
    inside.env.clear();
  }
  const Command guard{{"setpriv", "--pdeathsig", "TERM", "--", "sh", "-c", kGuard, "sh"}, {}, {}};
  return change + "exec " + shell_quote(guard) + " " + shell_quote(inside);
}

Command with_words(const SshTarget& target, const std::string& remote) {
  Command command{ssh_words(target), {}, {}};
  command.argv.push_back(target.host);
  command.argv.push_back(remote);
  return target.via != nullptr ? target.via->enter(command) : command;
}

Finished expect(const Command& command, const ProcessOptions& options = {}) {
  Finished finished = run(command, kCopyDeadline, options);
  if (!finished.ok()) throw Error(describe(finished));
  if (finished.truncated)
    throw Error(
        fmt::format("{}: more than {} MB", shell_quote(command), options.most_output >> 20U));
  return finished;
}

std::string quoted(const fs::path& path) {
  return shell_quote({{path.string()}, {}, {}});
}

std::string pack_words(bool directory, const fs::path& path) {
  return directory ? fmt::format("tar -C {} -cf - .", quoted(path))
                   : fmt::format("tar -C {} -cf - -- {}", quoted(path.parent_path()),
                                 quoted(path.filename()));
}

/// A file comes to its name at once, however it was called.
std::string unpack_words(bool directory, const fs::path& from, const fs::path& to) {
  if (directory) return fmt::format("mkdir -p {0} && tar -C {0} -xpf -", quoted(to));
  return fmt::format(
      "set -e; mkdir -p {0}; d=$(mktemp -d -p {0}); tar -C \"$d\" -xpf -; mv -f -- \"$d\"/{1} "
      "{2}; rmdir \"$d\"",
      quoted(to.parent_path()), quoted(from.filename()), quoted(to));
}

Command here_in_shell(const std::string& words) {
  return {{"sh", "-c", words}, {}, {}};
}

/// From what writes an archive to what reads it.
void stream(const Command& pack, const Command& unpack) {
  ProcessOptions options;
  options.input = expect(pack).out;
  (void)expect(unpack, options);
}

}  // namespace

std::vector<std::string> ssh_words(const SshTarget& target) {
  // A host that has died must not let a trial wait for its deadline.
  std::vector<std::string> words{target.program,         "-o", "BatchMode=yes",         "-o",
                                 "ConnectTimeout=10",    "-o", "ServerAliveInterval=5", "-o",
                                 "ServerAliveCountMax=3"};
  words.insert(words.end(), target.options.begin(), target.options.end());
  return words;
}

Command ssh_command(const SshTarget& target, const Command& command) {
  return with_words(target, remote_words(command));
}

void ssh_put(const SshTarget& target, const fs::path& here, const fs::path& there) {
  const bool directory = fs::is_directory(here);
  stream(here_in_shell(pack_words(directory, here)),
         with_words(target, unpack_words(directory, here, there)));
}

void ssh_get(const SshTarget& target, const fs::path& there, const fs::path& here) {
  const Finished asked = run(with_words(target, "test -d " + quoted(there)), kCopyDeadline);
  if (asked.status != 0 && asked.status != 1) throw Error(describe(asked));
  const bool directory = asked.status == 0;
  stream(with_words(target, pack_words(directory, there)),
         here_in_shell(unpack_words(directory, there, here)));
}

}  // namespace migbench
