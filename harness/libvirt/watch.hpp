// What the harness does while libvirt migrates: looks at the job, switches to post-copy, keeps the
// deadline.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "harness/libvirt/events.hpp"
#include "harness/libvirt/job.hpp"
#include "harness/libvirt/migrate_settings.hpp"

namespace migbench::libvirt {

class Watch {
 public:
  /// `events`: of the source, which must live as long.
  Watch(const EventLog& events, Mode mode, int postcopy_after, Nanoseconds timeout);

  /// Until `returned`, which another thread sets when libvirt's call is back.
  void over(virDomainPtr domain, const std::atomic<bool>& returned);

  [[nodiscard]] const std::vector<JobSample>& samples() const noexcept { return samples_; }
  /// The deadline passed, or the user interrupted: the job was told to end.
  [[nodiscard]] bool aborted() const noexcept { return aborted_; }
  /// The machine was told to go on at the destination before all of its memory was there.
  [[nodiscard]] bool switched() const noexcept { return switched_; }
  /// Post-copy stood still for seconds: it was told to stop where it is.
  [[nodiscard]] bool stalled() const noexcept { return stalled_; }

 private:
  void keep_deadline(virDomainPtr domain, std::int64_t now_ns);
  void look(virDomainPtr domain);
  void give_up_stalled(virDomainPtr domain);

  const EventLog& events_;
  Mode mode_;
  int postcopy_after_;
  std::int64_t deadline_ns_;
  std::vector<JobSample> samples_;
  std::int64_t progress_ns_ = 0;  ///< when memory was last seen on its way
  bool aborted_ = false;
  bool switched_ = false;
  bool stalled_ = false;
};

}  // namespace migbench::libvirt
