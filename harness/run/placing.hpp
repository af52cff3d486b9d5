// Ranks and guests placed alike in every environment, and the evidence of it.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/environment/environment.hpp"
#include "harness/run/trial_jobs.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {

/// What every rank runs: the job's program behind migbench-pin, if the job has a placement.
[[nodiscard]] Command placed_program(const Job& job, const Instances& instances);

/// The cell's parameters for the instance `group` of the job, completed where the environment has
/// processors and files of its own: "vcpus" and "pin" so that the guest has the processors that the
/// ranks would have natively, and "programs" that the job needs. What the plan says stays.
[[nodiscard]] nlohmann::json instance_parameters(const Job& job, const Environment& environment,
                                                 const nlohmann::json& parameters, const Node& node,
                                                 int group);

/// See evidence_of(); null for a job without a placement. Takes the ranks' lines out of `err`.
[[nodiscard]] nlohmann::json take_evidence(const Job& job, std::string& err,
                                           const nlohmann::json& instances);

}  // namespace migbench
