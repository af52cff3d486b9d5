// Where the time goes: every moment of the timed part belongs to exactly one phase.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/clock.hpp"

namespace migbench::npb {

enum class Spent { computing, communicating };

class Phases {
 public:
  using Id = std::size_t;

  /// To be called once for each phase, in the same order on all ranks.
  Id add(std::string name, Spent kind) {
    entries_.push_back({std::move(name), kind, 0});
    return entries_.size() - 1;
  }
  /// Forgets all times: the timed part begins.
  void restart() {
    for (auto& entry : entries_)
      entry.ns = 0;
    since_ = now_ns();
  }
  /// The time up to now belongs to the phase before, the time from now on to `id`. Returns the one
  /// before.
  Id enter(Id id) {
    const std::int64_t now = now_ns();
    entries_[current_].ns += now - since_;
    since_ = now;
    const Id before = current_;
    current_ = id;
    return before;
  }
  [[nodiscard]] double seconds(Id id) const { return static_cast<double>(entries_[id].ns) * 1e-9; }
  [[nodiscard]] double seconds(Spent kind) const {
    double total = 0;
    for (const auto& entry : entries_)
      if (entry.kind == kind) total += static_cast<double>(entry.ns) * 1e-9;
    return total;
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const std::string& name(Id id) const { return entries_[id].name; }

 private:
  struct Entry {
    std::string name;
    Spent kind;
    std::int64_t ns;
  };
  // Phase 0 takes what no scope claims.
  std::vector<Entry> entries_{{"other", Spent::computing, 0}};
  Id current_ = 0;
  std::int64_t since_ = now_ns();
};

/// In `id` until the end of the block, then in the phase before again.
class PhaseScope {
 public:
  PhaseScope(Phases& phases, Phases::Id id) : phases_(phases), before_(phases.enter(id)) {}
  ~PhaseScope() { phases_.enter(before_); }
  PhaseScope(const PhaseScope&) = delete;
  PhaseScope& operator=(const PhaseScope&) = delete;
  PhaseScope(PhaseScope&&) = delete;
  PhaseScope& operator=(PhaseScope&&) = delete;

 private:
  Phases& phases_;
  Phases::Id before_;
};

}  // namespace migbench::npb
