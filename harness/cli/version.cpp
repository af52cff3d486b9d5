#include "bench/version.hpp"

#include <fmt/format.h>

#include "harness/cli/subcommand.hpp"

namespace migbench {
namespace {

class VersionCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "version"; }
  [[nodiscard]] std::string_view summary() const override { return "Prints version and commit"; }
  [[nodiscard]] std::string_view example() const override { return "  migbench version"; }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& /*app*/,
                                                 const CommandLine& /*line*/) const override {
    return [] {
      fmt::print("{}\n", version_line("migbench"));
      return ExitCode::ok;
    };
  }
};
MIGBENCH_REGISTER(Subcommand, VersionCommand);

}  // namespace
}  // namespace migbench
