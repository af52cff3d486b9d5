// Whether it can be told which pages of a process were written since a moment.
#pragma once

#include "bench/error.hpp"

namespace migbench {

/// Tries it: a page of this process is written behind the kernel's mark (proc(5):
/// /proc/PID/clear_refs and bit 55 of /proc/PID/pagemap, CONFIG_MEM_SOFT_DIRTY).
[[nodiscard]] Support check_dirty_tracking();

}  // namespace migbench
