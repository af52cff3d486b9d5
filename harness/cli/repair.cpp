// migbench repair: undoes what a harness that died had changed of this machine's devices.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/cli/subcommand.hpp"
#include "harness/device/journal.hpp"

namespace migbench {
namespace {

ExitCode repair_devices() {
  device::Kernel kernel;
  const auto say = [](const std::string& line) { fmt::print("{}\n", line); };
  const device::Repaired result = device::repair(kernel, device::journal_directories(), say);
  if (!result.held_by.empty()) {
    fmt::print(stderr,
               "migbench: process {} lives and uses what it changed: left alone; it undoes it at "
               "its end\n",
               fmt::join(result.held_by, ", "));
  }
  if (result.failed > 0) {
    fmt::print(stderr, "migbench: not all could be undone; mend what is said above, then repeat\n");
  } else if (result.undone == 0 && result.held_by.empty()) {
    fmt::print("nothing to repair\n");
  }
  return result.failed > 0 || !result.held_by.empty() ? ExitCode::failed : ExitCode::ok;
}

class RepairCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "repair"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Undoes changes of devices (VFs, drivers) that a killed run left behind";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench repair      # says what it sets back; does nothing where nothing is left";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& /*app*/,
                                                 const CommandLine& /*line*/) const override {
    return repair_devices;
  }
};
MIGBENCH_REGISTER(Subcommand, RepairCommand);

}  // namespace
}  // namespace migbench
