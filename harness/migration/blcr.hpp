// Whether BLCR can be used, for its environment and its technique.
#pragma once

#include "bench/error.hpp"

namespace migbench {

/// Its kernel module and its programs on this machine.
[[nodiscard]] Support check_blcr();

}  // namespace migbench
