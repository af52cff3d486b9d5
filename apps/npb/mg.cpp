// MG: V-cycles of a multigrid solver for a Poisson problem on a periodic cube (RNR-94-007, section
// 2.4.1).
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "apps/npb/kernel.hpp"
#include "apps/npb/mg_charges.hpp"
#include "apps/npb/mg_level.hpp"
#include "apps/npb/mg_sweep.hpp"
#include "apps/npb/mpi_call.hpp"
#include "apps/npb/verification.hpp"

namespace migbench::npb {
namespace {

/// Below this level every process works on the whole grid: the borders of shared ones would cost
/// more than their points.
constexpr int kFewestSharedLevel = 5;

/// The smoother's weights depend on the class.
Four smoother(char problem_class) {
  if (std::string_view("SWA").find(problem_class) != std::string_view::npos)
    return {-3.0 / 8.0, 1.0 / 32.0, -1.0 / 64.0, 0};
  return {-3.0 / 17.0, 1.0 / 33.0, -1.0 / 61.0, 0};
}

int log2_of(int value) {
  return static_cast<int>(std::bit_width(static_cast<unsigned>(value))) - 1;
}

class Multigrid {
 public:
  Multigrid(const Run& run, const MgClass& problem)
      : weights_(smoother(run.problem_class)),
        processes_(run),
        phases_(*run.phases),
        borders_(processes_, phases_),
        residual_(phases_.add("residual", Spent::computing)),
        smoothing_(phases_.add("smoother", Spent::computing)),
        restricting_(phases_.add("restriction", Spent::computing)),
        interpolating_(phases_.add("interpolation", Spent::computing)),
        gathering_(phases_.add("gather coarse grid", Spent::communicating)),
        restricting_residual_(phases_.add("residual and restriction", Spent::computing)),
        correcting_(phases_.add("interpolation, residual and smoother", Spent::computing)),
        top_(log2_of(problem.points)),
        first_shared_(run.ranks == 1 ? top_ + 1
                                     : std::max(kFewestSharedLevel,
                                                log2_of(2 * std::max(processes_.across[0],
                                                                     processes_.across[1])))) {
    for (int level = 1; level <= top_; ++level) {
      shapes_.emplace_back(1 << level, shared(level) ? &processes_ : nullptr);
      u_.emplace_back(shapes_.back().size());
      r_.emplace_back(shapes_.back().size());
    }
    v_ = Array<double>(shapes_.back().size());
    sweep_.emplace(shapes_.back(), borders_);
  }

  void reset() {
    place_charges(shape(top_), processes_.comm, v_);
    borders_.exchange(shape(top_), v_, shared(top_));
    std::fill_n(u(top_).data(), u(top_).size(), 0.0);
  }

  /// One V-cycle. RMS of the finest residual before it, where `norm`.
  double cycle(bool norm) {
    const double before = restrict_finest(norm);
    for (int level = top_ - 1; level > 1; --level)
      restrict_from(level);
    smooth(1, true);
    for (int level = 2; level < top_; ++level)
      correct(level, true, r(level));
    correct(top_, false, v_);
    return before;
  }

  /// RMS of the finest residual.
  [[nodiscard]] double residual_norm() {
    if (MgSweep::fits(shape(top_))) {
      const PhaseScope scope(phases_, residual_);
      return rms(sweep_->residual_squares(shape(top_), u(top_), v_));
    }
    compute_residual(top_, v_);
    return rms(squares_of_finest());
  }
  [[nodiscard]] std::array<int, 2> across() const { return processes_.across; }

 private:
  [[nodiscard]] bool shared(int level) const { return level >= first_shared_; }
  [[nodiscard]] const MgShape& shape(int level) const {
    return shapes_[static_cast<std::size_t>(level - 1)];
  }
  [[nodiscard]] Array<double>& u(int level) { return u_[static_cast<std::size_t>(level - 1)]; }
  [[nodiscard]] Array<double>& r(int level) { return r_[static_cast<std::size_t>(level - 1)]; }
  /// Where this process's points of the finer level begin in the next coarser one, as it is kept.
  [[nodiscard]] std::array<Index, 2> coarse_offset(int level) const {
    if (shared(level) == shared(level - 1)) return {0, 0};
    return {shape(level).low[0] / 2, shape(level).low[1] / 2};
  }

  /// Leaves the residual in r where it cannot be swept.
  double restrict_finest(bool norm) {
    if (!MgSweep::fits(shape(top_))) {
      compute_residual(top_, v_);
      restrict_from(top_);
      return norm ? rms(squares_of_finest()) : 0;
    }
    double squares = 0;
    {
      const PhaseScope scope(phases_, restricting_residual_);
      squares = sweep_->restrict_residual(shape(top_), u(top_), v_, shape(top_ - 1),
                                          coarse_offset(top_), r(top_ - 1), norm);
    }
    complete_coarse(top_);
    return norm ? rms(squares) : 0;
  }

  /// u of a level from the next coarser one's, smoothed by the residual against `right`.
  void correct(int level, bool fresh, const Array<double>& right) {
    if (MgSweep::fits(shape(level))) {
      const PhaseScope scope(phases_, correcting_);
      return sweep_->correct(
          shape(level), {shape(level - 1), coarse_offset(level), u(level - 1), weights_, fresh},
          right, u(level));
    }
    interpolate_to(level, fresh);
    compute_residual(level, right);
    smooth(level, false);
  }

  [[nodiscard]] double squares_of_finest() {
    const MgShape& s = shape(top_);
    double squares = 0;
    for (Index z = 0; z < s.nz; ++z)
      squares += mg_sum_of_squares(s, r(top_).data() + s.at(0, z));
    return squares;
  }

  [[nodiscard]] double rms(double squares) const {
    const auto n = static_cast<double>(shape(top_).points);
    return std::sqrt(sum_over_ranks(squares, processes_.comm) / (n * n * n));
  }

  void compute_residual(int level, const Array<double>& right) {
    {
      const PhaseScope scope(phases_, residual_);
      mg_residual(shape(level), u(level), right, r(level));
    }
    borders_.exchange(shape(level), r(level), shared(level));
  }

  void smooth(int level, bool fresh) {
    {
      const PhaseScope scope(phases_, smoothing_);
      mg_smooth(shape(level), weights_, r(level), u(level), fresh);
    }
    borders_.exchange(shape(level), u(level), shared(level));
  }

  void restrict_from(int level) {
    {
      const PhaseScope scope(phases_, restricting_);
      mg_restrict(shape(level), r(level), shape(level - 1), coarse_offset(level), r(level - 1));
    }
    complete_coarse(level);
  }

  /// After this process's part of the next coarser r was made of this level's.
  void complete_coarse(int level) {
    if (shared(level) && !shared(level - 1)) gather(level - 1);
    borders_.exchange(shape(level - 1), r(level - 1), shared(level - 1));
  }

  void interpolate_to(int level, bool fresh) {
    const PhaseScope scope(phases_, interpolating_);
    mg_interpolate(shape(level - 1), coarse_offset(level), u(level - 1), shape(level), u(level),
                   fresh);
  }

  /// Every process has computed its part of this level's r: now all get the whole.
  void gather(int level) {
    const PhaseScope scope(phases_, gathering_);
    const MgShape& s = shape(level);
    const Index ny = s.points / processes_.across[0];
    const Index nz = s.points / processes_.across[1];
    const auto part = static_cast<std::size_t>(ny * nz * s.points);
    part_.resize(part);
    whole_.resize(part * static_cast<std::size_t>(processes_.across[0] * processes_.across[1]));
    const auto for_each_row = [&](std::array<int, 2> place, auto&& action) {
      for (Index z = 0; z < nz; ++z)
        for (Index y = 0; y < ny; ++y)
          action(r(level).data() + s.at(place[0] * ny + y, place[1] * nz + z));
    };
    double* out = part_.data();
    for_each_row(processes_.place,
                 [&](const double* row) { out = std::copy_n(row, s.points, out); });
    MPI_Allgather(part_.data(), static_cast<int>(part), MPI_DOUBLE, whole_.data(),
                  static_cast<int>(part), MPI_DOUBLE, processes_.comm);
    const double* in = whole_.data();
    for (int z = 0; z < processes_.across[1]; ++z)
      for (int y = 0; y < processes_.across[0]; ++y)
        for_each_row({y, z}, [&](double* row) {
          std::copy_n(in, s.points, row);
          in += s.points;
        });
  }

  Four weights_;
  MgProcesses processes_;
  Phases& phases_;
  MgBorders borders_;
  Phases::Id residual_, smoothing_, restricting_, interpolating_, gathering_, restricting_residual_,
      correcting_;
  int top_;
  int first_shared_;
  std::vector<MgShape> shapes_;  ///< [level - 1], as u_ and r_
  std::vector<Array<double>> u_, r_;
  Array<double> v_;
  std::optional<MgSweep> sweep_;
  std::vector<double> part_, whole_;
};

Result run(const Run& run) {
  const MgClass& problem = of_class(kMgClasses, run.problem_class);
  Multigrid grid(run, problem);
  grid.reset();
  (void)grid.cycle(true);  // untimed, to touch all memory, as in the original
  (void)grid.residual_norm();
  grid.reset();

  Result result;
  Stopwatch watch(run);
  for (int iteration = 0; iteration < problem.iterations; ++iteration) {
    (void)grid.cycle(iteration == 0);  // the original prints the first norm, too, in its timed part
    watch.lap();
  }
  const double norm = grid.residual_norm();
  watch.stop(result);

  const double n = problem.points;
  result.size = {problem.points, problem.points, problem.points};
  result.iterations = problem.iterations;
  result.operations = 58.0 * problem.iterations * n * n * n;
  result.checks = {check_value("residual norm", norm, problem.residual_norm, kMgTolerance)};
  result.facts = {{"process_array", fmt::format("1x{}x{}", grid.across()[0], grid.across()[1])}};
  return result;
}

std::optional<std::string> refuse(char problem_class, int ranks) {
  const long half = of_class(kMgClasses, problem_class).points / 2;
  return refuse_unless_power_of_two(ranks, half * half);
}

double bytes_per_rank(char problem_class, int ranks) {
  const double points = of_class(kMgClasses, problem_class).points;
  return 28 * points * points * points / ranks;  // three fields, and an eighth of two, and so on
}

const KernelRegistration registration({"MG", "multigrid V-cycles on a periodic cube", refuse,
                                       bytes_per_rank, run});

}  // namespace
}  // namespace migbench::npb
