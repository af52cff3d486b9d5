#include "bench/blocks.hpp"

#include <algorithm>

namespace migbench {
namespace {

/// How many of `each` fit into `time`, held within what an int64 and a sensible loop can count.
std::int64_t fitting(Nanoseconds time, double each_ns) {
  constexpr double kMost = 1e9;
  if (each_ns <= 0) return 1;
  return static_cast<std::int64_t>(
      std::clamp(static_cast<double>(time.count()) / each_ns, 0.0, kMost));
}

}  // namespace

std::int64_t next_block(const StoppingRule& rule, const Progress& progress) {
  const auto done = static_cast<std::int64_t>(progress.samples);
  const auto fewest = static_cast<std::int64_t>(rule.fewest);
  const auto most = static_cast<std::int64_t>(rule.most);
  const std::int64_t wanted = done < fewest ? fewest - done : done;
  const Nanoseconds left = std::min(rule.budget - progress.spent, kLongestBlock);
  const std::int64_t limit =
      std::min({most - done, static_cast<std::int64_t>(progress.room),
                fitting(std::max(left, Nanoseconds{0}), progress.per_sample_ns)});
  return std::max<std::int64_t>(1, std::min(wanted, limit));
}

std::int64_t automatic_batch(Nanoseconds budget, double per_iteration_ns) {
  return std::max<std::int64_t>(1, fitting(std::min(kBatchTime, budget / 10), per_iteration_ns));
}

}  // namespace migbench
