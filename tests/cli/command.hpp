// Runs `migbench ARGS...` of this build, with the fake parts, in a process of its own.
#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/program.hpp"
#include "harness/cli/command_line.hpp"
#include "tests/run/runs.hpp"

namespace migbench::testing {

struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline Ran run_migbench(std::vector<std::string> arguments) {
  const TemporaryDirectory directory;
  const auto out = directory.path() / "out";
  const auto err = directory.path() / "err";
  arguments.insert(arguments.begin(), "migbench");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    const int status = run_program("migbench", [&] { return run_command_line(arguments); });
    std::fflush(nullptr);
    std::_Exit(status);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), text_of(out), text_of(err)};
}

/// A plan file in `directory` with these experiments, on the fake site.
inline std::string plan_file(const std::filesystem::path& directory,
                             const std::string& experiments) {
  const auto path = directory / "plan.json";
  std::ofstream(path) << R"({"schema": "migbench-plan/1", "name": "t", "settle": "1ms",
                             "site": {"kind": "fake", "nodes": 2}, "experiments": [)"
                      << experiments << "]}";
  return path.string();
}

}  // namespace migbench::testing
