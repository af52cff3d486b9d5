// Job statistics: how far a migration is, and what it cost.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <libvirt/libvirt.h>
#include <nlohmann/json.hpp>

#include "bench/units.hpp"

namespace migbench::libvirt {

/// libvirt's named values, as they are ("memory_processed": 268435456).
struct JobStatistics {
  int type = VIR_DOMAIN_JOB_NONE;
  std::map<std::string, nlohmann::json> values;

  [[nodiscard]] bool empty() const noexcept { return values.empty(); }
  /// 0 where there is no such value.
  [[nodiscard]] std::uint64_t number(const std::string& key) const;
  [[nodiscard]] nlohmann::json json() const;
};

[[nodiscard]] JobStatistics read_job(virTypedParameterPtr parameters, int count);

/// Of the job that runs on the domain now; empty where there is none.
[[nodiscard]] JobStatistics running_job(virDomainPtr domain);
/// Of the last job, which libvirt keeps once.
[[nodiscard]] JobStatistics completed_job(virDomainPtr domain);

/// One pass over the guest's memory, from one iteration event to the next.
struct CopyIteration {
  int number = 0;
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  std::uint64_t bytes = 0;      ///< sent in it
  std::uint64_t remaining = 0;  ///< left to send at its end, what was rewritten meanwhile included
  /// Bytes a second that the guest rewrote in it. QEMU measures that when an iteration ends, but at
  /// most once a second; where it did not, it is what was left at the end by the iteration's
  /// length: a page that was rewritten twice counts once. Empty: the hypervisor did not report it.
  std::optional<double> dirty_rate{};
  bool rate_is_hypervisors = false;
};

/// A look at a running job.
struct JobSample {
  std::int64_t at_ns = 0;
  int iteration = 0;
  std::uint64_t processed = 0;
  std::uint64_t remaining = 0;
  double dirty_rate = 0;  ///< bytes a second
};

[[nodiscard]] JobSample sample_of(const JobStatistics& job, std::int64_t at_ns);

/// Joins iteration events (number, time) and samples of the job, in the order of time, to
/// iterations; `end_ns` is the end of the last one. What no sample fell into has bytes 0.
[[nodiscard]] std::vector<CopyIteration> copy_iterations(
    const std::vector<std::pair<int, std::int64_t>>& starts, const std::vector<JobSample>& samples,
    std::int64_t end_ns);

}  // namespace migbench::libvirt
