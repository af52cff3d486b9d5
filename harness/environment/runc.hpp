// The OCI runtime runc, for its environment and its technique.
#pragma once

#include "harness/environment/runtime.hpp"

namespace migbench {

[[nodiscard]] const ContainerRuntime& runc_runtime();

}  // namespace migbench
