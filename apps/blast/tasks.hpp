// Which worker searches what: tasks are (batch of queries x fragment), and a worker is given tasks
// of fragments that it holds before others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace migbench::blast {

struct Task {
  std::size_t batch = 0;
  std::size_t fragment = 0;
  friend bool operator==(const Task&, const Task&) = default;
};

/// Queries in a batch, for `queries` of `letters` in all: as many batches as give every worker
/// about four turns, which evens out what one takes longer; but where the batches would be short,
/// only as many as leave no worker without a task, since every task starts an engine.
[[nodiscard]] std::size_t choose_batch(std::size_t queries, std::size_t letters,
                                       std::size_t workers, std::size_t fragments);

/// Worker w of n holds fragment f at first where f lies in one of its `replicas` turns: f, f+1, ...
/// modulo n.
[[nodiscard]] std::vector<std::set<std::size_t>> assign_fragments(std::size_t fragments,
                                                                  std::size_t workers,
                                                                  std::size_t replicas);

class TaskTable {
 public:
  /// `held[w]`: the fragments that worker w holds. Nothing is copied to another worker while one
  /// that holds the fragment is alive and has less to do: see next().
  TaskTable(std::size_t batches, std::size_t fragments, std::vector<std::set<std::size_t>> held);

  /// The next task for this worker: of a fragment that it holds; else of the fragment with most
  /// tasks left, which it then holds too; nothing where all are done or under way elsewhere.
  /// Batches go in order, so that results can be written early.
  [[nodiscard]] std::optional<Task> next(std::size_t worker);
  /// False where another worker finished the same task before, as happens after a false alarm of
  /// lost().
  bool finished(std::size_t worker, const Task& task);
  /// The engine failed there: the task is open again. Throws Error after kMostFailures of the same
  /// task.
  void failed(std::size_t worker, const Task& task, const std::string& why);
  /// The worker is dead: what it was at is open again, and it gets nothing more.
  void lost(std::size_t worker);

  [[nodiscard]] bool done() const noexcept { return finished_ == batches_ * fragments_; }
  [[nodiscard]] std::size_t finished_count() const noexcept { return finished_; }
  [[nodiscard]] bool batch_done(std::size_t batch) const { return left_in_batch_.at(batch) == 0; }
  [[nodiscard]] std::size_t alive() const noexcept;
  /// Tasks that had to be handed out again.
  [[nodiscard]] std::size_t repeated() const noexcept { return repeated_; }

  static constexpr int kMostFailures = 3;

 private:
  enum class State : std::uint8_t { open, running, done };
  [[nodiscard]] std::size_t index(const Task& task) const {
    return task.batch * fragments_ + task.fragment;
  }
  [[nodiscard]] std::optional<Task> first_open(std::size_t fragment) const;

  std::size_t batches_;
  std::size_t fragments_;
  std::vector<std::set<std::size_t>> held_;
  std::vector<bool> dead_;
  std::vector<State> states_;
  std::vector<int> failures_;
  std::vector<std::size_t> left_in_batch_;
  std::vector<std::size_t> open_in_fragment_;
  std::map<std::size_t, Task> running_;  ///< by worker
  std::size_t finished_ = 0;
  std::size_t repeated_ = 0;
};

}  // namespace migbench::blast
