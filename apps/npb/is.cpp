// IS: ranking of integer keys, as in particle methods (RNR-94-007, section 2.5.3).
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "apps/npb/is_keys.hpp"
#include "apps/npb/random.hpp"

namespace migbench::npb {
namespace {

constexpr int kIterations = 10;

/// Each key is the mean of four random numbers, so that the keys crowd around the middle.
Array<Key> make_keys(const Run& run, const IsClass& problem) {
  const auto count = (std::size_t{1} << static_cast<unsigned>(problem.log2_keys)) /
                     static_cast<std::size_t>(run.ranks);
  Array<Key> keys(count);
  Random random(kRandomSeed, 4 * count * static_cast<std::uint64_t>(run.rank));
  const double quarter = static_cast<double>(1L << problem.log2_largest_key) / 4;
  for (std::size_t at = 0; at < count; ++at) {
    double sum = random.next();
    for (int more = 0; more < 3; ++more)
      sum += random.next();
    keys[at] = static_cast<Key>(quarter * sum);
  }
  return keys;
}

/// One iteration of the ranking: two keys change each time, so that nothing can be kept.
class Rounds {
 public:
  Rounds(const Run& run, const IsClass& problem)
      : run_(run),
        problem_(problem),
        keys_(make_keys(run, problem)),
        ranker_(run, problem, *run.phases),
        testing_(run.phases->add("test keys", Spent::communicating)) {}

  /// Ranks, and compares five keys' ranks with the published ones.
  void rank(int iteration, Result* result) {
    if (run_.rank == 0) {
      keys_[iteration] = iteration;
      keys_[iteration + kIterations] =
          static_cast<Key>((1L << problem_.log2_largest_key) - iteration);
    }
    const auto tested = test_keys();
    ranker_.rank(keys_);
    const PhaseScope scope(*run_.phases, testing_);
    std::array<std::int64_t, 5> own{};
    std::array<std::int64_t, 5> found{};
    for (std::size_t at = 0; at < 5; ++at)
      own[at] = ranker_.rank_of(tested[at]);
    MPI_Allreduce(own.data(), found.data(), 5, MPI_INT64_T, MPI_MAX, run_.comm);
    if (result == nullptr) return;
    for (std::size_t at = 0; at < 5; ++at) {
      const long expected = problem_.rank[at] + static_cast<long>(problem_.moves[at]) *
                                                    (iteration + problem_.offset[at]);
      result->checks.push_back({fmt::format("rank of key {}, iteration {}", at + 1, iteration),
                                static_cast<double>(found[at]), static_cast<double>(expected),
                                static_cast<double>(std::abs(found[at] - expected)), 0});
    }
  }
  [[nodiscard]] bool sorted() const { return ranker_.sorted_by_ranks(keys_); }

 private:
  /// The keys at the tested places, which one process each has.
  std::array<Key, 5> test_keys() {
    const PhaseScope scope(*run_.phases, testing_);
    std::array<Key, 5> own{};
    std::array<Key, 5> all{};
    const auto count = static_cast<long>(keys_.size());
    for (std::size_t at = 0; at < 5; ++at)
      if (problem_.key_index[at] / count == run_.rank)
        own[at] = keys_[problem_.key_index[at] % count];
    MPI_Allreduce(own.data(), all.data(), 5, MPI_INT32_T, MPI_SUM, run_.comm);
    return all;
  }

  const Run& run_;
  const IsClass& problem_;
  Array<Key> keys_;
  IsRanker ranker_;
  Phases::Id testing_;
};

Result run(const Run& run) {
  const IsClass& problem = of_class(kIsClasses, run.problem_class);
  Rounds rounds(run, problem);
  rounds.rank(1, nullptr);  // untimed, to touch all memory, as in the original

  Result result;
  Stopwatch watch(run);
  for (int iteration = 1; iteration <= kIterations; ++iteration) {
    rounds.rank(iteration, &result);
    watch.lap();
  }
  watch.stop(result);

  const bool sorted = rounds.sorted();
  result.checks.push_back(
      {"keys in order of their ranks", sorted ? 1.0 : 0.0, 1, sorted ? 0.0 : 1.0, 0});
  result.size = {1L << problem.log2_keys, 0, 0};
  result.iterations = kIterations;
  result.operations = static_cast<double>(kIterations) * static_cast<double>(result.size[0]);
  result.operation_type = "keys ranked";
  return result;
}

std::optional<std::string> refuse(char problem_class, int ranks) {
  const IsClass& problem = of_class(kIsClasses, problem_class);
  return refuse_unless_power_of_two(ranks, 1L << (problem.log2_largest_key - 5));
}

double bytes_per_rank(char problem_class, int ranks) {
  const IsClass& problem = of_class(kIsClasses, problem_class);
  return 10.0 * static_cast<double>(1L << problem.log2_keys) / ranks +
         8.0 * static_cast<double>(1L << problem.log2_largest_key) / ranks;
}

const KernelRegistration registration({"IS", "ranking of integer keys, all-to-all exchange", refuse,
                                       bytes_per_rank, run});

}  // namespace
}  // namespace migbench::npb
