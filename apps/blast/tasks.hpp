// Which worker searches what: a task is a batch of queries and the fragments that one engine
// searches for them, and a worker is given fragments that it holds before others.
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
  std::vector<std::size_t> fragments{};  ///< searched together, by one start of the engine
  friend bool operator==(const Task&, const Task&) = default;
};

/// How the work is cut into tasks.
struct Cut {
  std::size_t batch = 1;     ///< queries in a batch
  std::size_t together = 1;  ///< most fragments that one engine searches together
  friend bool operator==(const Cut&, const Cut&) = default;
};

/// The cut for `queries` whose search would take one engine `expected_s`, and what an engine takes
/// before it begins to search. Each of a worker's n turns costs a start, and the longer a turn, the
/// longer the others wait for the last one: half a turn, in the mean. n * start + search / (2 n) is
/// least at n = sqrt(search / (2 start)), `search` being the worker's share.
[[nodiscard]] Cut choose_cut(std::size_t queries, double expected_s, std::size_t workers,
                             std::size_t fragments);

/// Worker w of n holds fragment f at first where f lies in one of its `replicas` turns: f, f+1, ...
/// modulo n.
[[nodiscard]] std::vector<std::set<std::size_t>> assign_fragments(std::size_t fragments,
                                                                  std::size_t workers,
                                                                  std::size_t replicas);

class TaskTable {
 public:
  /// `held[w]`: the fragments that worker w holds. Nothing is copied to another worker while one
  /// that holds the fragment is alive and has less to do: see next().
  /// A task has `together` of them at the most.
  TaskTable(std::size_t batches, std::size_t fragments, std::vector<std::set<std::size_t>> held,
            std::size_t together = 1);

  /// The next task for this worker: of fragments that it holds; else of the one fragment with most
  /// left to do, which it then holds too; nothing where all are done or under way elsewhere.
  /// Batches go in order, so that results can be written early.
  [[nodiscard]] std::optional<Task> next(std::size_t worker);
  /// The task's fragments whose hits are to be merged: without those that another worker has
  /// finished before, as happens after a false alarm of lost().
  std::vector<std::size_t> finished(std::size_t worker, const Task& task);
  /// The engine failed there: the task is open again. Throws Error after kMostFailures with the
  /// same batch and fragment.
  void failed(std::size_t worker, const Task& task, const std::string& why);
  /// The worker is dead: what it was at is open again, and it gets nothing more.
  void lost(std::size_t worker);

  [[nodiscard]] bool done() const noexcept { return finished_ == batches_ * fragments_; }
  [[nodiscard]] bool batch_done(std::size_t batch) const { return left_in_batch_.at(batch) == 0; }
  [[nodiscard]] std::size_t alive() const noexcept;
  /// Tasks that had to be handed out again.
  [[nodiscard]] std::size_t repeated() const noexcept { return repeated_; }

  static constexpr int kMostFailures = 3;

 private:
  enum class State : std::uint8_t { open, running, done };
  [[nodiscard]] std::size_t index(std::size_t batch, std::size_t fragment) const {
    return batch * fragments_ + fragment;
  }
  [[nodiscard]] std::optional<std::size_t> first_open_batch(std::size_t fragment) const;
  [[nodiscard]] std::optional<Task> choose(std::size_t worker);
  bool reopen(std::size_t batch, std::size_t fragment);

  std::size_t batches_;
  std::size_t fragments_;
  std::size_t together_;
  std::vector<std::set<std::size_t>> held_;
  std::vector<bool> dead_;
  std::vector<State> states_;  ///< by index(): of each batch with each fragment
  std::vector<int> failures_;
  std::vector<std::size_t> left_in_batch_;
  std::vector<std::size_t> open_in_fragment_;
  std::map<std::size_t, Task> running_;  ///< by worker
  std::size_t finished_ = 0;
  std::size_t repeated_ = 0;
};

}  // namespace migbench::blast
