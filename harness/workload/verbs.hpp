// What the two verbs workloads have in common: the drivers' options and their documents.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/workload/workload.hpp"

namespace migbench {

/// Whether this build has the drivers and, for nodes of this machine, the machine an RDMA device.
[[nodiscard]] Support check_verbs(const Site* site);

/// Only whether this build has the drivers.
[[nodiscard]] Support check_verbs_programs();

/// The drivers' options under their own names, with '_' for '-'; "instances": 1 for both sides in
/// one place, 2 for two.
[[nodiscard]] nlohmann::json verbs_defaults(std::string_view sizes);

/// The client in the first instance, the server in the last. `mode`: "latency" or "bandwidth".
/// Throws InputError for a bad parameter.
[[nodiscard]] Job verbs_job(std::string_view mode, const nlohmann::json& parameters);

}  // namespace migbench
