// The timeline of a move out of what its two agents said.
#pragma once

#include <vector>

#include "harness/migration/criu_agent_process.hpp"
#include "harness/migration/technique.hpp"

namespace migbench {

/// precopy (one a round), freeze, dump, transfer (bytes and rate), restore, commit, switch, resume
/// and, of a post-copy, pages. What did not happen is left out. Both agents' clocks must be one.
[[nodiscard]] std::vector<Phase> criu_phases(const CriuAgentProcess& source,
                                             const CriuAgentProcess& destination, bool lazy);

}  // namespace migbench
