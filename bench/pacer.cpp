#include "bench/pacer.hpp"

#include <cerrno>

#include <pthread.h>
#include <sched.h>

#include "bench/clock.hpp"

namespace migbench {

Pacer::Pacer(std::int64_t start_ns, Nanoseconds interval, Nanoseconds spin) noexcept
    : start_(start_ns),
      interval_(interval.count() > 0 ? interval.count() : 1),
      spin_(spin.count()) {}

Pacer::Slot Pacer::wait() noexcept {
  Slot slot;
  std::int64_t now = deadline_now_ns();
  std::int64_t deadline = start_ + static_cast<std::int64_t>(next_) * interval_;
  if (now >= deadline + interval_) {
    // At least one whole slot has passed: go to the newest one that is due.
    const auto current = static_cast<std::uint64_t>((now - start_) / interval_);
    slot.skipped = current - next_;
    skipped_ += slot.skipped;
    next_ = current;
    deadline = start_ + static_cast<std::int64_t>(next_) * interval_;
  }
  if (const std::int64_t wake = deadline - spin_; now < wake) {
    const timespec until{wake / 1'000'000'000, wake % 1'000'000'000};
    while (::clock_nanosleep(kDeadlineClock, TIMER_ABSTIME, &until, nullptr) == EINTR) {
    }
  }
  while ((now = deadline_now_ns()) < deadline) {
  }
  slot.index = next_++;
  slot.deadline_ns = deadline;
  slot.late_ns = now - deadline;
  return slot;
}

bool use_realtime_priority(int priority) noexcept {
  sched_param parameters{};
  parameters.sched_priority = priority;
  return ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &parameters) == 0;
}

}  // namespace migbench
