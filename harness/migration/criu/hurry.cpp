#include "harness/migration/criu/hurry.hpp"

#include <sched.h>

namespace migbench::criu {

void hurry() noexcept {
  // The lowest: the downtime probe's sender must not wait for it.
  const sched_param lowest{.sched_priority = ::sched_get_priority_min(SCHED_RR)};
  (void)::sched_setscheduler(0, SCHED_RR, &lowest);
}

void calm(pid_t pid) noexcept {
  const sched_param none{};
  (void)::sched_setscheduler(pid, SCHED_OTHER, &none);
}

}  // namespace migbench::criu
