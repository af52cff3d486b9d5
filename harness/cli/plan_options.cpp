#include "harness/cli/plan_options.hpp"

#include <fmt/format.h>

#include "harness/plan/expand.hpp"
#include "harness/plan/overrides.hpp"

namespace migbench {

void PlanOptions::define(CLI::App& app) {
  app.add_option("plan", plan, "a plan file, or the name of a shipped one")
      ->type_name("PLAN")
      ->capture_default_str();
  // take_all with one value each: '--set a=1 plan.json' must not swallow the plan.
  app.add_option("--set", set, "change a value of the plan: site.nodes=4; may be repeated")
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->take_all();
  app.add_option("--only", only,
                 "only the cells that match: environment=native,workload=mpi-*; may be repeated, "
                 "then one has to match")
      ->type_name("KEY=PATTERN,...")
      ->expected(1)
      ->take_all();
  app.add_option("--seed", seed, "of the order of the trials")->type_name("NUMBER");
  app.add_option("--budget", budget, "start no trial after this time: 10min")
      ->type_name("DURATION");
}

ChosenPlan choose_plan(const PlanOptions& options) {
  auto text = load_plan(options.plan);
  for (const auto& assignment : options.set)
    override_plan(text, assignment);
  if (options.seed) override_plan(text, fmt::format("seed={}", *options.seed));
  if (!options.budget.empty()) override_plan(text, "budget=\"" + options.budget + "\"");
  ChosenPlan chosen{read_plan(std::move(text)), {}};
  chosen.cells = select(expand(chosen.plan), options.only);
  return chosen;
}

}  // namespace migbench
