// What stands between a frozen workload and its going on is done before anything else.
//
// By a real-time policy: niceness counts among the processes of one session only where the kernel
// groups them (sched_autogroup). The kernel leaves others 5 % of a core at the least.
#pragma once

#include <sys/types.h>

namespace migbench::criu {

/// The calling process and what it starts are scheduled before others; nothing where that is not
/// allowed. CRIU gives every restored process the policy and niceness that it had.
void hurry() noexcept;

/// Not any more: of a post-copy the pages come while the workload runs. 0: the calling process.
void calm(pid_t pid) noexcept;

}  // namespace migbench::criu
