// Where this rank runs, as the rank itself sees it: the evidence that compared runs were placed
// alike.
#pragma once

#include <nlohmann/json.hpp>

namespace migbench::npb {

/// {"hostname", "pid", "allowed_cpus": [0, 1], "cpu": where it is at this moment}
[[nodiscard]] nlohmann::json placement();

}  // namespace migbench::npb
