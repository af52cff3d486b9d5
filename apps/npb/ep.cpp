// EP: pairs of Gaussian random numbers, tabulated; no communication but for the sums (RNR-94-007,
// section 2.2).
#include <array>
#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "apps/npb/kernel.hpp"
#include "apps/npb/lane_math.hpp"
#include "apps/npb/random.hpp"
#include "apps/npb/verification.hpp"

namespace migbench::npb {
namespace {

constexpr std::uint64_t kEpSeed = 271828183;
constexpr int kLog2Batch = 16;  // pairs that are made in one piece
constexpr std::size_t kRings = 10;

struct Tally {
  Lanes x{};
  Lanes y{};
  std::array<LongLanes, kRings> outside{};  ///< pairs accepted whose larger absolute value is >= l
};

/// Marsaglia's polar method for one batch. A pair that is rejected goes on with t = 1, which makes
/// its two numbers 0.
void add_batch(std::uint64_t batch, Tally& tally) {
  constexpr std::uint64_t numbers = std::uint64_t{2} << kLog2Batch;
  RandomLanes first(kEpSeed, batch * numbers, 2, std::uint64_t{2} * kLanes);
  RandomLanes second(kEpSeed, batch * numbers + 1, 2, std::uint64_t{2} * kLanes);
  for (int pairs = 0; pairs < 1 << kLog2Batch; pairs += kLanes) {
    const Lanes x = 2.0 * first.next() - 1.0;
    const Lanes y = 2.0 * second.next() - 1.0;
    const Lanes square = x * x + y * y;
    const auto accepted = square <= 1.0;
    const Lanes t = accepted ? square : spread(1.0);
    const Lanes scale = square_root(-2.0 * logarithm(t) / t);
    // Only the absolute values: that is what release 3.4 sums up, against cancellation.
    const Lanes gauss_x = absolute(x) * scale;
    const Lanes gauss_y = absolute(y) * scale;
    tally.x += gauss_x;
    tally.y += gauss_y;
    const Lanes larger = larger_of(gauss_x, gauss_y);
    // Comparisons give -1 for true.
    tally.outside[0] -= std::bit_cast<LongLanes>(accepted);
    for (std::size_t ring = 1; ring < 4; ++ring)
      tally.outside[ring] -= std::bit_cast<LongLanes>(larger >= static_cast<double>(ring));
    if (any_at_least(larger, 4.0))
      for (std::size_t ring = 4; ring < kRings; ++ring)
        tally.outside[ring] -= std::bit_cast<LongLanes>(larger >= static_cast<double>(ring));
  }
}

Result run(const Run& run) {
  const EpClass& problem = of_class(kEpClasses, run.problem_class);
  const auto batches = std::uint64_t{1} << static_cast<unsigned>(problem.log2_pairs - kLog2Batch);
  const auto summing = run.phases->add("sum over ranks", Spent::communicating);
  const auto share = [&](int rank) {
    return batches * static_cast<std::uint64_t>(rank) / static_cast<std::uint64_t>(run.ranks);
  };
  Tally untimed;
  add_batch(0, untimed);

  Result result;
  Tally tally;
  Stopwatch watch(run);
  for (std::uint64_t batch = share(run.rank); batch < share(run.rank + 1); ++batch)
    add_batch(batch, tally);
  std::array<double, 2 + kRings> own{sum(tally.x), sum(tally.y)};
  for (std::size_t ring = 0; ring < kRings; ++ring)
    for (int lane = 0; lane < kLanes; ++lane)
      own[2 + ring] += static_cast<double>(tally.outside[ring][lane]);
  std::array<double, 2 + kRings> all{};
  {
    const PhaseScope scope(*run.phases, summing);
    MPI_Allreduce(own.data(), all.data(), static_cast<int>(all.size()), MPI_DOUBLE, MPI_SUM,
                  run.comm);
  }
  watch.lap();
  watch.stop(result);

  result.checks = {check_value("sum of |X|", all[0], problem.sum_x, kEpTolerance),
                   check_value("sum of |Y|", all[1], problem.sum_y, kEpTolerance),
                   check_value("pairs", all[2], problem.pairs_in_circle, kEpTolerance)};
  for (std::size_t ring = 0; ring < kRings; ++ring) {
    const double beyond = ring + 1 < kRings ? all[3 + ring] : 0;
    result.facts.emplace_back(fmt::format("ring_{}", ring),
                              fmt::format("{:.0f}", all[2 + ring] - beyond));
  }
  result.size = {2L << problem.log2_pairs, 0, 0};
  result.operations = static_cast<double>(result.size[0]);
  result.operation_type = "Random numbers generated";
  return result;
}

std::optional<std::string> refuse(char problem_class, int ranks) {
  const auto batches = 1L << (of_class(kEpClasses, problem_class).log2_pairs - kLog2Batch);
  if (ranks <= batches) return std::nullopt;
  return fmt::format("at most {}", batches);
}

const KernelRegistration registration({"EP", "Gaussian random pairs, embarrassingly parallel",
                                       refuse, [](char, int) { return 1e6; }, run});

}  // namespace
}  // namespace migbench::npb
