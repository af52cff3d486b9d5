#include "harness/cli/forward.hpp"
#include "harness/cli/subcommand.hpp"

namespace migbench {
namespace {

class ProbeCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "probe"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Measures from outside how long a service does not answer (migbench-udp-probe)";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench-udp-echo &                                 # inside what will be moved\n"
           "  migbench probe --server 10.0.0.7 --duration 10s     # from a machine that stays\n"
           "All arguments are those of migbench-udp-probe; 'migbench-udp-probe --help' lists them.";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& /*line*/) const override {
    app.prefix_command();
    return [&app] { return become("migbench-udp-probe", app.remaining()); };
  }
};
MIGBENCH_REGISTER(Subcommand, ProbeCommand);

}  // namespace
}  // namespace migbench
