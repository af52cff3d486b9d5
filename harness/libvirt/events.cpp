#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "harness/libvirt/events.hpp"

namespace migbench::libvirt {

namespace {

constexpr std::array<const char*, 9> kLifecycle{"defined",   "undefined",   "started",
                                                "suspended", "resumed",     "stopped",
                                                "shutdown",  "pmsuspended", "crashed"};

}  // namespace

std::string describe(const Event& event) {
  switch (event.kind) {
    case Event::Kind::iteration:
      return fmt::format("iteration {}", event.event);
    case Event::Kind::job_completed:
      return "job completed";
    case Event::Kind::lifecycle:
      break;
  }
  const auto index = static_cast<std::size_t>(event.event);
  return fmt::format("{} ({})", index < kLifecycle.size() ? kLifecycle[index] : "event",
                     event.detail);
}

void EventLog::State::add(virDomainPtr domain, Event event) {
  event.at_ns = deadline_now_ns();
  const char* of = virDomainGetName(domain);
  if (of == nullptr || name != of) return;
  const std::lock_guard lock(mutex);
  events.push_back(std::move(event));
  arrived.notify_all();
}

template <class Callback>
void EventLog::subscribe(int id, Callback callback) {
  // libvirt owns one reference to the state until it calls the free function.
  auto* owned = new std::shared_ptr<State>(state_);
  const int subscription = virConnectDomainEventRegisterAny(
      connection_, nullptr, id, VIR_DOMAIN_EVENT_CALLBACK(callback), owned,
      [](void* opaque) { delete static_cast<std::shared_ptr<State>*>(opaque); });
  if (subscription < 0) {
    delete owned;
    return;  // this hypervisor has no such events (xen, vz): the timeline is shorter
  }
  subscriptions_.push_back(subscription);
}

EventLog::EventLog(const Connection& connection, std::string name)
    : connection_(connection.get()), state_(std::make_shared<State>()) {
  state_->name = std::move(name);
  subscribe(
      VIR_DOMAIN_EVENT_ID_LIFECYCLE,
      +[](virConnectPtr, virDomainPtr domain, int event, int detail, void* opaque) {
        (*static_cast<std::shared_ptr<State>*>(opaque))
            ->add(domain, {Event::Kind::lifecycle, 0, event, detail, {}});
        return 0;
      });
  subscribe(
      VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION,
      +[](virConnectPtr, virDomainPtr domain, int iteration, void* opaque) {
        (*static_cast<std::shared_ptr<State>*>(opaque))
            ->add(domain, {Event::Kind::iteration, 0, iteration, 0, {}});
      });
  subscribe(
      VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
      +[](virConnectPtr, virDomainPtr domain, virTypedParameterPtr parameters, int count,
          void* opaque) {
        (*static_cast<std::shared_ptr<State>*>(opaque))
            ->add(domain, {Event::Kind::job_completed, 0, 0, 0, read_job(parameters, count)});
      });
}

EventLog::~EventLog() {
  for (const int subscription : subscriptions_)
    virConnectDomainEventDeregisterAny(connection_, subscription);
}

std::vector<Event> EventLog::events() const {
  const std::lock_guard lock(state_->mutex);
  return state_->events;
}

std::optional<Event> EventLog::first(int lifecycle) const {
  return nth(lifecycle, 1);
}

std::optional<Event> EventLog::second(int lifecycle) const {
  return nth(lifecycle, 2);
}

std::optional<Event> EventLog::nth(int lifecycle, int wanted) const {
  for (const Event& event : events()) {
    const bool matches = event.kind == Event::Kind::lifecycle && event.event == lifecycle;
    if (matches && --wanted == 0) return event;
  }
  return std::nullopt;
}

std::vector<std::pair<int, std::int64_t>> EventLog::iterations() const {
  std::vector<std::pair<int, std::int64_t>> found;
  for (const Event& event : events()) {
    if (event.kind == Event::Kind::iteration) found.emplace_back(event.event, event.at_ns);
  }
  return found;
}

JobStatistics EventLog::completed_job() const {
  JobStatistics job;
  for (const Event& event : events()) {
    if (event.kind == Event::Kind::job_completed) job = event.job;
  }
  return job;
}

int EventLog::last_iteration() const {
  const auto all = iterations();
  return all.empty() ? 0 : all.back().first;
}

bool EventLog::wait_for(int lifecycle, Nanoseconds deadline) const {
  std::unique_lock lock(state_->mutex);
  return state_->arrived.wait_for(lock, deadline, [&] {
    return std::any_of(state_->events.begin(), state_->events.end(), [&](const Event& event) {
      return event.kind == Event::Kind::lifecycle && event.event == lifecycle;
    });
  });
}

bool EventLog::wait_for_job_completed(Nanoseconds deadline) const {
  std::unique_lock lock(state_->mutex);
  return state_->arrived.wait_for(lock, deadline, [&] {
    return std::any_of(state_->events.begin(), state_->events.end(),
                       [](const Event& event) { return event.kind == Event::Kind::job_completed; });
  });
}

}  // namespace migbench::libvirt

#endif
