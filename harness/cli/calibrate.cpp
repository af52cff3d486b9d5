#include "harness/cli/forward.hpp"
#include "harness/cli/subcommand.hpp"

namespace migbench {
namespace {

class CalibrateCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "calibrate"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Injects outages of known length and tells how far each downtime estimator is off";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench calibrate\n"
           "  migbench calibrate --outages 1ms,50ms --repetitions 21 --json calibration.json\n"
           "All arguments are those of 'migbench-udp-probe --calibrate'; needs root.";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& /*line*/) const override {
    app.prefix_command();
    return [&app] {
      auto arguments = app.remaining();
      arguments.insert(arguments.begin(), "--calibrate");
      return become("migbench-udp-probe", arguments);
    };
  }
};
MIGBENCH_REGISTER(Subcommand, CalibrateCommand);

}  // namespace
}  // namespace migbench
