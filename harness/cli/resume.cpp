#include <memory>

#include "bench/units.hpp"
#include "harness/cli/finish_run.hpp"
#include "harness/cli/subcommand.hpp"

namespace migbench {
namespace {

class ResumeCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "resume"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Goes on with a run that was interrupted or killed; no finished trial is repeated";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench resume runs/20261122-120000-quick\n"
           "  migbench resume            # the newest run in runs/\n"
           "  migbench resume --budget 30min   # though the plan's budget is spent";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& line) const override {
    struct Options {
      std::string run, budget;
      bool quiet = false;
    };
    auto options = std::make_shared<Options>();
    app.add_option("run", options->run, "the run's directory; default: the newest in runs/")
        ->type_name("RUN");
    app.add_option("--budget", options->budget,
                   "in the place of what is left of the plan's: start no trial after this time")
        ->type_name("DURATION");
    app.add_flag("--quiet", options->quiet, "no progress");
    return [options, &line] {
      auto run = RunDirectory::open(
          options->run.empty() ? newest_run("runs") : std::filesystem::path(options->run),
          line.argv);
      if (!options->budget.empty()) run.set_session_budget(parse_duration(options->budget));
      return execute_and_report(run, line.argv, options->quiet);
    };
  }
};
MIGBENCH_REGISTER(Subcommand, ResumeCommand);

}  // namespace
}  // namespace migbench
