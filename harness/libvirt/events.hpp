// What a hypervisor reported of one domain, with the time it arrived here.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/libvirt/connection.hpp"
#include "harness/libvirt/job.hpp"

namespace migbench::libvirt {

struct Event {
  enum class Kind { lifecycle, iteration, job_completed };
  Kind kind = Kind::lifecycle;
  std::int64_t at_ns = 0;  ///< deadline_now_ns()
  int event = 0;           ///< lifecycle: virDomainEventType; iteration: its number
  int detail = 0;
  JobStatistics job{};  ///< job_completed
};

/// "suspended (migrated)", "resumed", "iteration 3": for the timeline in the record.
[[nodiscard]] std::string describe(const Event& event);

/// Collects the events of the domain named `name` on one connection while it lives. Thread-safe.
class EventLog {
 public:
  EventLog(const Connection& connection, std::string name);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  [[nodiscard]] std::vector<Event> events() const;
  /// The first lifecycle event of this type; empty: none came.
  [[nodiscard]] std::optional<Event> first(int lifecycle) const;
  [[nodiscard]] std::optional<Event> second(int lifecycle) const;
  /// Number and time of each iteration event.
  [[nodiscard]] std::vector<std::pair<int, std::int64_t>> iterations() const;
  [[nodiscard]] int last_iteration() const;
  /// Of the last job that ended; empty: none did.
  [[nodiscard]] JobStatistics completed_job() const;
  /// Waits for it; false where it does not come in time.
  bool wait_for(int lifecycle, Nanoseconds deadline) const;
  bool wait_for_job_completed(Nanoseconds deadline) const;

 private:
  // Shared with libvirt, which may deliver a last event while this object goes.
  struct State {
    std::string name;
    mutable std::mutex mutex;
    mutable std::condition_variable arrived;
    std::vector<Event> events;
    void add(virDomainPtr domain, Event event);
  };
  [[nodiscard]] std::optional<Event> nth(int lifecycle, int wanted) const;
  template <class Callback>
  void subscribe(int id, Callback callback);

  virConnectPtr connection_;
  std::shared_ptr<State> state_;
  std::vector<int> subscriptions_;
};

}  // namespace migbench::libvirt
