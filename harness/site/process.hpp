// A child process of the harness, ended with everything it started when its object goes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <sys/types.h>

#include "harness/site/command.hpp"

namespace migbench {

struct ProcessOptions {
  std::string input{};                     ///< standard input; empty: /dev/null
  std::size_t most_output = 256UL << 20U;  ///< bytes kept of each stream
  std::optional<Nanoseconds>
      grace{};  ///< between SIGTERM and SIGKILL when it is ended; default 2 s
};

class Process {
 public:
  /// Starts it on this machine in a process group of its own, which dies with the harness. Throws
  /// Error that names the program where it cannot be executed.
  static Process start(const Command& command, const ProcessOptions& options = {});
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  /// Ends the process group (SIGTERM, then SIGKILL) and reaps it.
  ~Process();

  [[nodiscard]] pid_t pid() const noexcept;
  [[nodiscard]] bool running();
  /// To the whole process group.
  void signal(int number);
  /// Waits to the end; when `deadline` has passed, or interrupted() is set, ends it. To be called
  /// once.
  Finished wait(Nanoseconds deadline);
  /// Waits until standard output has a line that contains `text`; false where it ended or the
  /// deadline passed first.
  [[nodiscard]] bool wait_for_output(const std::string& text, Nanoseconds deadline);
  /// What it has written to standard output so far.
  [[nodiscard]] std::string output() const;

 private:
  struct State;
  explicit Process(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// start() and wait() in one.
[[nodiscard]] Finished run(const Command& command, Nanoseconds deadline,
                           const ProcessOptions& options = {});

}  // namespace migbench
