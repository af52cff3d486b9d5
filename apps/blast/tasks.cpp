#include "apps/blast/tasks.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::blast {
namespace {

// An engine's start costs some 80 ms, and it works through queries in pieces of 100,000 letters
// itself: a batch below that is mostly start.
constexpr std::size_t kFewestQueries = 8;
constexpr std::size_t kLettersWorthAStart = 100'000;

std::size_t divided(std::size_t a, std::size_t b) {
  return (a + b - 1) / b;
}

}  // namespace

std::size_t choose_batch(std::size_t queries, std::size_t letters, std::size_t workers,
                         std::size_t fragments) {
  if (queries == 0) return kFewestQueries;
  const auto in_batches = [&](std::size_t turns) {
    return divided(queries, std::max<std::size_t>(1, turns * workers / fragments));
  };
  const std::size_t fine = std::max(kFewestQueries, in_batches(4));
  const std::size_t worth =
      divided(kLettersWorthAStart * queries, std::max<std::size_t>(1, letters));
  const std::size_t coarse = divided(queries, divided(workers, fragments));
  return std::max(fine, std::min(worth, coarse));
}

std::vector<std::set<std::size_t>> assign_fragments(std::size_t fragments, std::size_t workers,
                                                    std::size_t replicas) {
  std::vector<std::set<std::size_t>> held(workers);
  for (std::size_t f = 0; f < fragments; ++f) {
    for (std::size_t r = 0; r < std::min(replicas, workers); ++r)
      held[(f + r) % workers].insert(f);
  }
  return held;
}

TaskTable::TaskTable(std::size_t batches, std::size_t fragments,
                     std::vector<std::set<std::size_t>> held)
    : batches_(batches),
      fragments_(fragments),
      held_(std::move(held)),
      dead_(held_.size(), false),
      states_(batches * fragments, State::open),
      failures_(batches * fragments, 0),
      left_in_batch_(batches, fragments),
      open_in_fragment_(fragments, batches) {}

std::optional<Task> TaskTable::first_open(std::size_t fragment) const {
  if (open_in_fragment_[fragment] == 0) return std::nullopt;
  for (std::size_t batch = 0; batch < batches_; ++batch) {
    const Task task{batch, fragment};
    if (states_[index(task)] == State::open) return task;
  }
  return std::nullopt;
}

std::optional<Task> TaskTable::next(std::size_t worker) {
  if (dead_.at(worker)) return std::nullopt;
  std::optional<Task> best;
  for (const std::size_t fragment : held_[worker]) {
    const auto task = first_open(fragment);
    if (task && (!best || task->batch < best->batch)) best = task;
  }
  if (!best) {
    const auto most = std::max_element(open_in_fragment_.begin(), open_in_fragment_.end());
    if (most == open_in_fragment_.end() || *most == 0) return std::nullopt;
    const auto fragment = static_cast<std::size_t>(most - open_in_fragment_.begin());
    best = first_open(fragment);
    held_[worker].insert(fragment);
  }
  states_[index(*best)] = State::running;
  --open_in_fragment_[best->fragment];
  running_[worker] = *best;
  return best;
}

bool TaskTable::finished(std::size_t worker, const Task& task) {
  running_.erase(worker);
  State& state = states_.at(index(task));
  if (state == State::done) return false;
  if (state == State::open) --open_in_fragment_[task.fragment];
  state = State::done;
  --left_in_batch_[task.batch];
  ++finished_;
  return true;
}

void TaskTable::failed(std::size_t worker, const Task& task, const std::string& why) {
  running_.erase(worker);
  State& state = states_.at(index(task));
  if (state != State::running) return;
  if (++failures_[index(task)] >= kMostFailures) {
    throw Error(fmt::format("a search failed {} times (batch {}, fragment {}): {}", kMostFailures,
                            task.batch, task.fragment, why));
  }
  state = State::open;
  ++open_in_fragment_[task.fragment];
  ++repeated_;
}

void TaskTable::lost(std::size_t worker) {
  if (dead_.at(worker)) return;
  dead_[worker] = true;
  const auto found = running_.find(worker);
  if (found != running_.end()) {
    State& state = states_[index(found->second)];
    if (state == State::running) {
      state = State::open;
      ++open_in_fragment_[found->second.fragment];
      ++repeated_;
    }
    running_.erase(found);
  }
}

std::size_t TaskTable::alive() const noexcept {
  return static_cast<std::size_t>(std::count(dead_.begin(), dead_.end(), false));
}

}  // namespace migbench::blast
