#include "apps/blast/tasks.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::blast {
namespace {

constexpr std::size_t kFewestQueries = 8;  // in a batch: one is not worth its message
constexpr double kStartSeconds = 0.07;     // of an engine, until it begins to search

std::size_t divided(std::size_t a, std::size_t b) {
  return (a + b - 1) / b;
}

}  // namespace

Cut choose_cut(std::size_t queries, double expected_s, std::size_t workers, std::size_t fragments) {
  const double share_s = expected_s / static_cast<double>(workers);
  const auto turns =
      static_cast<std::size_t>(std::max(1.0, std::round(std::sqrt(share_s / (2 * kStartSeconds)))));
  const std::size_t tasks = turns * workers;
  const std::size_t batches = divided(tasks, fragments);
  return {.batch = std::max(kFewestQueries, divided(queries, batches)),
          .together = divided(fragments, tasks)};
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
                     std::vector<std::set<std::size_t>> held, std::size_t together)
    : batches_(batches),
      fragments_(fragments),
      together_(together),
      held_(std::move(held)),
      dead_(held_.size(), false),
      states_(batches * fragments, State::open),
      failures_(batches * fragments, 0),
      left_in_batch_(batches, fragments),
      open_in_fragment_(fragments, batches) {}

std::optional<std::size_t> TaskTable::first_open_batch(std::size_t fragment) const {
  if (open_in_fragment_[fragment] == 0) return std::nullopt;
  for (std::size_t batch = 0; batch < batches_; ++batch) {
    if (states_[index(batch, fragment)] == State::open) return batch;
  }
  return std::nullopt;
}

std::optional<Task> TaskTable::choose(std::size_t worker) {
  std::optional<std::size_t> first;
  for (const std::size_t fragment : held_[worker]) {
    const auto batch = first_open_batch(fragment);
    if (batch && (!first || *batch < *first)) first = batch;
  }
  if (first) {
    Task task{*first, {}};
    for (const std::size_t fragment : held_[worker]) {
      if (task.fragments.size() < together_ && states_[index(*first, fragment)] == State::open)
        task.fragments.push_back(fragment);
    }
    return task;
  }
  const auto most = std::max_element(open_in_fragment_.begin(), open_in_fragment_.end());
  if (most == open_in_fragment_.end() || *most == 0) return std::nullopt;
  const auto fragment = static_cast<std::size_t>(most - open_in_fragment_.begin());
  held_[worker].insert(fragment);
  return Task{first_open_batch(fragment).value(), {fragment}};
}

std::optional<Task> TaskTable::next(std::size_t worker) {
  if (dead_.at(worker)) return std::nullopt;
  const auto task = choose(worker);
  if (!task) return std::nullopt;
  for (const std::size_t fragment : task->fragments) {
    states_[index(task->batch, fragment)] = State::running;
    --open_in_fragment_[fragment];
  }
  running_[worker] = *task;
  return task;
}

std::vector<std::size_t> TaskTable::finished(std::size_t worker, const Task& task) {
  running_.erase(worker);
  std::vector<std::size_t> first_time;
  for (const std::size_t fragment : task.fragments) {
    State& state = states_.at(index(task.batch, fragment));
    if (state == State::done) continue;
    if (state == State::open) --open_in_fragment_[fragment];
    state = State::done;
    --left_in_batch_[task.batch];
    ++finished_;
    first_time.push_back(fragment);
  }
  return first_time;
}

/// Whether it was running.
bool TaskTable::reopen(std::size_t batch, std::size_t fragment) {
  State& state = states_.at(index(batch, fragment));
  if (state != State::running) return false;
  state = State::open;
  ++open_in_fragment_[fragment];
  ++repeated_;
  return true;
}

void TaskTable::failed(std::size_t worker, const Task& task, const std::string& why) {
  running_.erase(worker);
  for (const std::size_t fragment : task.fragments) {
    if (!reopen(task.batch, fragment)) continue;
    if (++failures_[index(task.batch, fragment)] >= kMostFailures) {
      throw Error(fmt::format("a search failed {} times (batch {}, fragment {}): {}", kMostFailures,
                              task.batch, fragment, why));
    }
  }
}

void TaskTable::lost(std::size_t worker) {
  if (dead_.at(worker)) return;
  dead_[worker] = true;
  const auto found = running_.find(worker);
  if (found == running_.end()) return;
  for (const std::size_t fragment : found->second.fragments)
    (void)reopen(found->second.batch, fragment);
  running_.erase(found);
}

std::size_t TaskTable::alive() const noexcept {
  return static_cast<std::size_t>(std::count(dead_.begin(), dead_.end(), false));
}

}  // namespace migbench::blast
