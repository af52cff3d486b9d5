#include "udp_downtime/calibration/calibrate.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/pacer.hpp"
#include "bench/program.hpp"
#include "udp_downtime/calibration/injector.hpp"
#include "udp_downtime/report.hpp"

namespace migbench::udp {
namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kLongest = 10s;
// Before the first outage: time stamping in the kernel is switched on by a worker of its own.
constexpr Nanoseconds kSettle = 300ms;

struct Planned {
  OutageKind kind = OutageKind::dropped;
  Nanoseconds nominal{};
  Nanoseconds length{};
  Nanoseconds rest{};  ///< service afterwards
};

void check(const CalibrationPlan& plan) {
  for (const Nanoseconds length : plan.lengths) {
    if (length < 4 * plan.interval || length > kLongest)
      throw InputError(
          fmt::format("an outage of {} cannot be calibrated at an interval of {}: choose {} to {}",
                      format_duration(length), format_duration(plan.interval),
                      format_duration(4 * plan.interval), format_duration(kLongest)));
  }
  if (plan.lengths.empty() || plan.kinds.empty() || plan.repetitions == 0)
    throw InputError("a calibration needs a length, a kind and a repetition");
}

// Kinds and lengths in one random order, so that a change of the machine's load meets all alike.
std::vector<Planned> schedule(const CalibrationPlan& plan) {
  std::mt19937_64 random(plan.seed);
  std::uniform_int_distribution<std::int64_t> jitter(0, plan.interval.count() - 1);
  std::vector<Planned> list;
  for (std::size_t i = 0; i < plan.repetitions; ++i) {
    for (const OutageKind kind : plan.kinds) {
      for (const Nanoseconds nominal : plan.lengths)
        list.push_back({.kind = kind,
                        .nominal = nominal,
                        .length = nominal + Nanoseconds{jitter(random)},
                        // A backlog drains many times faster than it came.
                        .rest = 30ms + nominal / 4 + Nanoseconds{jitter(random)}});
    }
  }
  std::shuffle(list.begin(), list.end(), random);
  return list;
}

void rest(Nanoseconds duration) {
  const std::int64_t until = deadline_now_ns() + duration.count();
  while (!interrupted()) {
    const std::int64_t left = std::min<std::int64_t>(until - deadline_now_ns(), 50'000'000);
    if (left <= 0) return;
    const timespec slice{.tv_sec = 0, .tv_nsec = left};
    ::nanosleep(&slice, nullptr);
  }
}

// SCHED_FIFO above the probe's threads for the calling thread, while it injects.
class InjectorPriority {
 public:
  InjectorPriority() { granted_ = use_realtime_priority(60); }
  ~InjectorPriority() {
    const sched_param normal{};
    (void)::pthread_setschedparam(::pthread_self(), SCHED_OTHER, &normal);
  }
  InjectorPriority(const InjectorPriority&) = delete;
  InjectorPriority& operator=(const InjectorPriority&) = delete;
  InjectorPriority(InjectorPriority&&) = delete;
  InjectorPriority& operator=(InjectorPriority&&) = delete;
  [[nodiscard]] bool granted() const noexcept { return granted_; }

 private:
  bool granted_ = false;
};

std::vector<Injection> inject_all(Injector& injector, const CalibrationPlan& plan) {
  std::vector<Injection> made;
  const InjectorPriority priority;
  rest(kSettle);
  for (const Planned& planned : schedule(plan)) {
    if (interrupted()) break;
    const Injection injection = injector.inject(planned.kind, planned.nominal, planned.length);
    if (interrupted()) break;  // it was cut short
    made.push_back(injection);
    rest(planned.rest);
  }
  return made;
}

std::uint64_t fresh_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U | device()) >> 11U;  // exact in a JSON reader's double
}

}  // namespace

OutageKind parse_kind(const std::string& text) {
  for (const OutageKind kind : {OutageKind::dropped, OutageKind::paused, OutageKind::buffered}) {
    if (text == name(kind)) return kind;
  }
  throw InputError(
      fmt::format("there is no kind of outage '{}'; known are: dropped, paused, buffered", text));
}

Support calibration_support() {
  if (::geteuid() == 0) return std::nullopt;
  return Unsupported{.reason =
                         "calibration makes network namespaces and an eBPF program, which this "
                         "user may not",
                     .remedy = "run it as root"};
}

Calibration run_calibration(const CalibrationPlan& plan) {
  check(plan);
  Calibration calibration;
  calibration.plan = plan;
  if (plan.seed == 0) calibration.plan.seed = fresh_seed();

  const bool with_drops =
      std::find(plan.kinds.begin(), plan.kinds.end(), OutageKind::dropped) != plan.kinds.end();
  Injector injector(with_drops);
  calibration.drop_method = injector.drop_method();
  ProbeOptions options;
  options.server = injector.server();
  options.interval = plan.interval;
  Probe probe(options);
  const std::vector<Injection> injections = inject_all(injector, calibration.plan);
  const ProbeRun run = probe.finish();

  const Nanoseconds shortest = *std::min_element(plan.lengths.begin(), plan.lengths.end());
  const Analysis analysis =
      analyze(run.trace(), {.interval_ns = plan.interval.count(),
                            .threshold_ns = std::max(2 * plan.interval, shortest / 2).count(),
                            .stamp_error_ns = run.wall.bound_ns});
  calibration.observations.reserve(injections.size());
  for (const Injection& injection : injections) {
    const Outage* found = match(injection, analysis.outages, plan.interval.count());
    calibration.observations.push_back(
        {.injection = injection,
         .outage = found == nullptr ? std::nullopt : std::optional(*found)});
  }
  calibration.rows = compare(calibration.observations);
  calibration.notes = notes(run);
  calibration.interrupted = interrupted();
  return calibration;
}

}  // namespace migbench::udp
