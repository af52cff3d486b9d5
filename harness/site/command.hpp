// A command and what came of it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "bench/units.hpp"

namespace migbench {

struct Command {
  std::vector<std::string> argv;             ///< argv[0] is looked up in PATH
  std::map<std::string, std::string> env{};  ///< added to what the place has anyway
  std::filesystem::path directory{};         ///< empty: the place's default
};

/// As a shell would read it: what `migbench plan` shows and the record keeps.
[[nodiscard]] std::string shell_quote(const Command& command);

/// How a process ended.
struct Finished {
  Command command;
  int status = 0;          ///< exit status; 128 + n where signal n ended it
  bool timed_out = false;  ///< the deadline passed and the process was killed
  std::string out;         ///< captured standard output, at most ProcessOptions::most_output bytes
  std::string err;         ///< captured standard error, likewise
  bool truncated = false;  ///< more was printed than is kept
  Nanoseconds elapsed{};
  [[nodiscard]] bool ok() const noexcept { return status == 0 && !timed_out; }
};

/// "mpirun ... : exit status 1 after 2.1 s: <the end of its standard error>": for messages.
[[nodiscard]] std::string describe(const Finished& finished);

}  // namespace migbench
