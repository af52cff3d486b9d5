#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <thread>

#include "bench/clock.hpp"
#include "bench/program.hpp"
#include "harness/libvirt/watch.hpp"

namespace migbench::libvirt {

namespace {

// How often a running job is looked at beside the starts of its iterations. libvirt asks QEMU each
// time.
constexpr auto kSampleEvery = std::chrono::milliseconds(50);
// Post-copy has no way back, so no deadline ends it, but one whose link is gone would never end.
constexpr Nanoseconds kStalled = std::chrono::seconds(5);

// From libvirt 8.5 on a post-copy migration can be told to stop where it is.
int abort_postcopy(virDomainPtr domain) {
#if LIBVIR_CHECK_VERSION(8, 5, 0)
  return virDomainAbortJobFlags(domain, VIR_DOMAIN_ABORT_JOB_POSTCOPY);
#else
  return virDomainAbortJob(domain);
#endif
}

}  // namespace

Watch::Watch(const EventLog& events, Mode mode, int postcopy_after, Nanoseconds timeout)
    : events_(events),
      mode_(mode),
      postcopy_after_(postcopy_after),
      deadline_ns_(deadline_now_ns() + timeout.count()) {}

void Watch::over(virDomainPtr domain, const std::atomic<bool>& returned) {
  std::int64_t next_sample_ns = deadline_now_ns();
  int iteration = 0;
  while (!returned) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const std::int64_t now = deadline_now_ns();
    keep_deadline(domain, now);
    if (mode_ == Mode::postcopy && !switched_ && !aborted_ &&
        events_.last_iteration() >= postcopy_after_) {
      switched_ = virDomainMigrateStartPostCopy(domain, 0) == 0;
    }
    // At its start it is known what the iteration before has sent.
    const bool new_iteration = events_.last_iteration() != iteration;
    if (now < next_sample_ns && !new_iteration) continue;
    iteration = events_.last_iteration();
    next_sample_ns = now + std::chrono::nanoseconds(kSampleEvery).count();
    look(domain);
    if (switched_) give_up_stalled(domain);
  }
}

void Watch::keep_deadline(virDomainPtr domain, std::int64_t now_ns) {
  if (aborted_ || switched_ || (now_ns <= deadline_ns_ && !interrupted())) return;
  aborted_ = true;
  virDomainAbortJob(domain);
}

void Watch::look(virDomainPtr domain) {
  const JobStatistics job = running_job(domain);
  if (job.empty()) return;
  const JobSample sample = sample_of(job, deadline_now_ns());
  if (samples_.empty() || sample.processed != samples_.back().processed)
    progress_ns_ = sample.at_ns;
  samples_.push_back(sample);
}

void Watch::give_up_stalled(virDomainPtr domain) {
  if (stalled_ || progress_ns_ == 0 || deadline_now_ns() - progress_ns_ < kStalled.count()) return;
  stalled_ = true;
  abort_postcopy(domain);
}

}  // namespace migbench::libvirt

#endif
