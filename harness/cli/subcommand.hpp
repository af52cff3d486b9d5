// A subcommand of migbench. One file each in harness/cli, with one registration line:
//     MIGBENCH_REGISTER(Subcommand, List);
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/error.hpp"
#include "harness/registry.hpp"

namespace migbench {

/// What a subcommand may know of the whole command line.
struct CommandLine {
  std::vector<std::string> argv;
  CLI::App* root = nullptr;  ///< for help and completion, which are made from it
};

class Subcommand {
 public:
  virtual ~Subcommand() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::string_view summary() const = 0;
  /// At least one whole command line with what it does; shown at the end of its help.
  [[nodiscard]] virtual std::string_view example() const = 0;
  /// Adds its options to `app` and returns what is to be done once they are parsed. `line` lives
  /// until then.
  [[nodiscard]] virtual std::function<ExitCode()> define(CLI::App& app,
                                                         const CommandLine& line) const = 0;
};

}  // namespace migbench
