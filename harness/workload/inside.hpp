// A whole MPI job as one plain command: mpirun and all its ranks run in one instance, so that they
// can be moved together (technique job-checkpoint), as ompi-checkpoint moved them.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/workload/workload.hpp"

namespace migbench {

/// The workload's parameter "launcher": "head", mpirun runs at the site's head and its ranks in the
/// instances, or "inside". Made of the job whose program's words hold "--json", "-". Throws
/// InputError where "inside" does not go with the other parameters.
[[nodiscard]] Job launched_as(const nlohmann::json& parameters, Job job);

}  // namespace migbench
