// Where a process can run: a node of a site, a container on it, a guest.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "bench/error.hpp"
#include "harness/site/command.hpp"
#include "harness/site/process.hpp"

namespace migbench {

class Place {
 public:
  virtual ~Place() = default;

  /// The host name inside; unique in a site.
  [[nodiscard]] virtual const std::string& name() const = 0;
  /// On the network that the workload uses, numeric: "10.77.0.11".
  [[nodiscard]] virtual const std::string& address() const = 0;
  /// The command which, run on the harness's own machine, runs `command` at this place with its
  /// standard streams passed through and its exit status returned: `ssh n1 ...`, `migbench-exec
  /// --at n1 -- ...`. Killing it ends what it started there.
  [[nodiscard]] virtual Command enter(const Command& command) const = 0;
  /// Brings a file or a directory tree there / here. Nothing happens where the file system is
  /// shared and the paths are equal. Throws Error.
  virtual void copy_to(const std::filesystem::path& here,
                       const std::filesystem::path& there) const = 0;
  virtual void copy_from(const std::filesystem::path& there,
                         const std::filesystem::path& here) const = 0;
  /// Whether deadline_now_ns() read there and here are one clock (a virtual node; not a guest, not
  /// another host).
  [[nodiscard]] virtual bool shares_clock() const = 0;

  [[nodiscard]] Process start(const Command& command, const ProcessOptions& options = {}) const {
    return Process::start(enter(command), options);
  }
  [[nodiscard]] Finished run(const Command& command, Nanoseconds deadline,
                             const ProcessOptions& options = {}) const {
    return migbench::run(enter(command), deadline, options);
  }
};

/// For commands that only look, or do something small.
inline constexpr Nanoseconds kQuestion = std::chrono::seconds(10);

/// Such a command, at the place's root directory.
[[nodiscard]] inline Finished ask(const Place& place, std::vector<std::string> argv,
                                  Nanoseconds deadline = kQuestion) {
  return place.run({.argv = std::move(argv), .env = {}, .directory = "/"}, deadline);
}

/// Such a command whose failure is an Error that describes it.
inline void order(const Place& place, std::vector<std::string> argv,
                  Nanoseconds deadline = kQuestion) {
  const Finished finished = ask(place, std::move(argv), deadline);
  if (!finished.ok()) throw Error(describe(finished));
}

}  // namespace migbench
