// What this machine is, for the record: nothing here is needed to measure, all of it to believe a
// number later.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace migbench {

/// {"hostname", "kernel", "os", "architecture", "cpu": {"model", "logical", "cores", "sockets",
/// "smt", "governor", "hypervisor"}, "numa_nodes", "memory_bytes", "load": [1, 5, 15 min],
/// "clocksource", "time"}. What cannot be read is null, never guessed.
[[nodiscard]] nlohmann::json host_facts();

/// The variables of this process's environment that change results: OMPI_*, PMIX_*, UCX_*, FI_*,
/// OMP_*, MALLOC_*, LD_PRELOAD, LD_LIBRARY_PATH, GLIBC_TUNABLES.
[[nodiscard]] nlohmann::json environment_that_matters();

}  // namespace migbench
