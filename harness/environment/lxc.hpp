// LXC, for its environment and its technique.
#pragma once

#include "harness/environment/runtime.hpp"

namespace migbench {

[[nodiscard]] const ContainerRuntime& lxc_runtime();

}  // namespace migbench
