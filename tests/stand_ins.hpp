// Scripts in the place of programs that are not here, for all that a test starts.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/programs.hpp"

namespace migbench::testing {

/// A directory that every node sees, in PATH of all that is started after it.
class StandIns {
 public:
  StandIns()
      : directory_(find_program("migbench-exec").parent_path() /
                   fmt::format("stand-ins-{}", ::getpid())),
        path_(std::getenv("PATH")) {
    std::filesystem::create_directory(directory_);
    ::setenv("PATH", (directory_.string() + ":" + path_).c_str(), 1);
  }
  ~StandIns() {
    ::setenv("PATH", path_.c_str(), 1);
    std::filesystem::remove_all(directory_);
  }
  StandIns(const StandIns&) = delete;
  StandIns& operator=(const StandIns&) = delete;

  /// `text`: the script behind the line that notes how it was called; $state is the directory.
  void add(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name)
        << fmt::format("#!/bin/sh\nstate='{}'\necho \"{} $*\" >>\"$state/calls\"\n{}",
                       directory_.string(), name, text);
    std::filesystem::permissions(directory_ / name, std::filesystem::perms::owner_all);
  }
  /// Works until it is ended; started again it says so.
  [[nodiscard]] std::string workload() const {
    const std::filesystem::path program = directory_ / "workload";
    const std::filesystem::path mark = directory_ / "mark";
    std::ofstream(program) << fmt::format(
        "#!/bin/sh\n[ -e '{0}' ] && {{ echo went on; exit 0; }}\n: >'{0}'\n"
        "while :; do sleep 0.1; done\n",
        mark.string());
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return program.string();
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ifstream file(directory_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] bool works() const { return std::filesystem::exists(directory_ / "mark"); }
  [[nodiscard]] std::vector<std::string> calls() const {
    std::ifstream file(directory_ / "calls");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);)
      lines.push_back(line);
    return lines;
  }

 private:
  std::filesystem::path directory_;
  std::string path_;
};

}  // namespace migbench::testing
