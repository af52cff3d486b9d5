// Changes to a plan on the command line.
#pragma once

#include <string>

#include "harness/plan/plan.hpp"

namespace migbench {

/// Applies "PATH=VALUE" before the plan is checked: "site.nodes=4",
/// "experiments.mpi.repetitions.most=8". An element of a list is meant by its index or by its
/// "name"; VALUE is JSON, else a text. Throws InputError.
void override_plan(PlanText& plan, const std::string& assignment);

}  // namespace migbench
