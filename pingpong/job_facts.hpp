// What is known of the MPI job, for the record.
#pragma once

#include <nlohmann/json.hpp>

#include "pingpong/session.hpp"

namespace migbench::pingpong {

/// {"library", "library_version", "standard", "size", "ranks": [{"rank", "hostname", "processor",
/// "affinity", "clock_cost_ns"}], "environment"}; collective over the world, complete on rank 0
/// only. The affinity is the list of processors that the rank may run on, as the kernel tells the
/// rank: "0-1,4". The environment is rank 0's: what chooses the transport, not what the launcher
/// adds.
[[nodiscard]] nlohmann::json job_facts(const Session& session, double clock_cost_ns);

}  // namespace migbench::pingpong
