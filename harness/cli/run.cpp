#include <memory>

#include "harness/cli/finish_run.hpp"
#include "harness/cli/plan_options.hpp"
#include "harness/cli/subcommand.hpp"
#include "harness/run/schedule.hpp"

namespace migbench {
namespace {

class RunCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "run"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Runs a plan, stores every trial, and ends with the comparison";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench run quick\n"
           "  migbench run my.json --set site.nodes=4 --only 'environment=native' --budget 10min\n"
           "Interrupted (Ctrl-C) or killed, it goes on with 'migbench resume'.";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& line) const override {
    struct Options {
      PlanOptions plan;
      std::string runs = "runs";
      bool quiet = false;
    };
    auto options = std::make_shared<Options>();
    options->plan.define(app);
    app.add_option("--runs", options->runs, "where the run's directory is made")
        ->type_name("DIRECTORY")
        ->capture_default_str();
    app.add_flag("--quiet", options->quiet, "no progress");
    return [options, &line] {
      auto chosen = choose_plan(options->plan);
      if (!chosen.plan.seed) chosen.plan.seed = random_seed();
      auto run = RunDirectory::create(options->runs, chosen.plan, chosen.cells, line.argv);
      return execute_and_report(run, line.argv, options->quiet);
    };
  }
};
MIGBENCH_REGISTER(Subcommand, RunCommand);

}  // namespace
}  // namespace migbench
