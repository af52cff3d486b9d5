#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <algorithm>

#include "harness/libvirt/job.hpp"

namespace migbench::libvirt {

namespace {

/// A look at a job after an event takes a few ms.
constexpr std::int64_t kAtOnce = 20'000'000;
/// Of an iteration of some ms, what is left after it tells no rate.
constexpr std::int64_t kFewestForRate = 50'000'000;

nlohmann::json value_of(const virTypedParameter& parameter) {
  switch (parameter.type) {
    case VIR_TYPED_PARAM_INT:
      return parameter.value.i;
    case VIR_TYPED_PARAM_UINT:
      return parameter.value.ui;
    case VIR_TYPED_PARAM_LLONG:
      return parameter.value.l;
    case VIR_TYPED_PARAM_ULLONG:
      return parameter.value.ul;
    case VIR_TYPED_PARAM_DOUBLE:
      return parameter.value.d;
    case VIR_TYPED_PARAM_BOOLEAN:
      return parameter.value.b != 0;
    case VIR_TYPED_PARAM_STRING:
      return parameter.value.s;
    default:
      return nullptr;
  }
}

JobStatistics query(virDomainPtr domain, unsigned flags) {
  int type = VIR_DOMAIN_JOB_NONE;
  virTypedParameterPtr parameters = nullptr;
  int count = 0;
  if (virDomainGetJobStats(domain, &type, &parameters, &count, flags) != 0) return {};
  JobStatistics job = read_job(parameters, count);
  job.type = type;
  virTypedParamsFree(parameters, count);
  return job;
}

}  // namespace

std::uint64_t JobStatistics::number(const std::string& key) const {
  const auto found = values.find(key);
  if (found == values.end() || !found->second.is_number()) return 0;
  return found->second.get<std::uint64_t>();
}

nlohmann::json JobStatistics::json() const {
  return values;
}

JobStatistics read_job(virTypedParameterPtr parameters, int count) {
  JobStatistics job;
  for (int i = 0; i < count; ++i)
    job.values[parameters[i].field] = value_of(parameters[i]);
  return job;
}

JobStatistics running_job(virDomainPtr domain) {
  JobStatistics job = query(domain, 0);
  if (job.type == VIR_DOMAIN_JOB_NONE) return {};
  return job;
}

JobStatistics completed_job(virDomainPtr domain) {
  return query(domain, VIR_DOMAIN_JOB_STATS_COMPLETED);
}

JobSample sample_of(const JobStatistics& job, std::int64_t at_ns) {
  const std::uint64_t page = job.number(VIR_DOMAIN_JOB_MEMORY_PAGE_SIZE);
  // libvirt's memory_dirty_rate is in pages a second.
  const auto pages = static_cast<double>(job.number(VIR_DOMAIN_JOB_MEMORY_DIRTY_RATE));
  return {at_ns, static_cast<int>(job.number(VIR_DOMAIN_JOB_MEMORY_ITERATION)),
          job.number(VIR_DOMAIN_JOB_MEMORY_PROCESSED), job.number(VIR_DOMAIN_JOB_MEMORY_REMAINING),
          pages * static_cast<double>(page == 0 ? 4096 : page)};
}

namespace {

/// What was sent when an iteration ended: by the first look after its end if that came at once,
/// else by the last one before it.
std::uint64_t sent_until(const std::vector<JobSample>& samples, std::int64_t end_ns) {
  std::uint64_t sent = 0;
  for (const JobSample& sample : samples) {
    if (sample.at_ns > end_ns + kAtOnce) break;
    if (sample.at_ns > end_ns) return sample.processed;
    sent = sample.processed;
  }
  return sent;
}

/// The look at the start of the next iteration: what is left then was rewritten in this one.
const JobSample* first_after(const std::vector<JobSample>& samples, std::int64_t end_ns) {
  const auto found = std::find_if(samples.begin(), samples.end(),
                                  [&](const JobSample& sample) { return sample.at_ns > end_ns; });
  return found == samples.end() || found->at_ns > end_ns + kAtOnce ? nullptr : &*found;
}

/// QEMU's own figure for an iteration is the one that came with its end: it is another than before.
void add_dirty_rate(CopyIteration& iteration, double known_before, const JobSample* next) {
  if (next == nullptr) return;
  const std::int64_t length = iteration.end_ns - iteration.start_ns;
  if (next->dirty_rate > 0 && next->dirty_rate != known_before) {
    iteration.dirty_rate = next->dirty_rate;
    iteration.rate_is_hypervisors = true;
  } else if (length >= kFewestForRate) {
    iteration.dirty_rate = static_cast<double>(next->remaining) * 1e9 / static_cast<double>(length);
  }
}

}  // namespace

std::vector<CopyIteration> copy_iterations(const std::vector<std::pair<int, std::int64_t>>& starts,
                                           const std::vector<JobSample>& samples,
                                           std::int64_t end_ns) {
  std::vector<CopyIteration> iterations;
  std::uint64_t sent_before = 0;
  for (std::size_t i = 0; i < starts.size() && starts[i].second < end_ns; ++i) {
    CopyIteration iteration;
    double rate_before = 0;
    iteration.number = starts[i].first;
    iteration.start_ns = starts[i].second;
    const bool last = i + 1 == starts.size() || starts[i + 1].second >= end_ns;
    iteration.end_ns = last ? end_ns : starts[i + 1].second;
    const std::uint64_t sent = std::max(sent_before, sent_until(samples, iteration.end_ns));
    iteration.bytes = sent - sent_before;
    sent_before = sent;
    for (const JobSample& sample : samples) {
      if (sample.at_ns > iteration.end_ns) break;
      rate_before = sample.dirty_rate;
      if (sample.at_ns >= iteration.start_ns) iteration.remaining = sample.remaining;
    }
    const JobSample* next = last ? nullptr : first_after(samples, iteration.end_ns);
    if (next != nullptr) iteration.remaining = next->remaining;
    add_dirty_rate(iteration, rate_before, next);
    iterations.push_back(iteration);
  }
  return iterations;
}

}  // namespace migbench::libvirt

#endif
