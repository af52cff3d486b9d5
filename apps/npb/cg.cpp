// CG: the smallest eigenvalue of a sparse matrix by inverse iteration with conjugate gradients
// (RNR-94-007, section 2.3.2).
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "apps/npb/cg_matrix.hpp"
#include "apps/npb/kernel.hpp"
#include "apps/npb/mpi_call.hpp"
#include "apps/npb/verification.hpp"

namespace migbench::npb {
namespace {

constexpr int kInnerIterations = 25;

/// Process (r, c) of an R x C array, C = R or C = 2 R, has block (r, c) of the matrix and the part
/// of every vector that belongs to its columns.
struct CgArray {
  CgArray(const Run& run, std::int64_t size) {
    while (rows * columns < run.ranks)
      (columns > rows ? rows : columns) *= 2;
    row = run.rank / columns;
    column = run.rank % columns;
    const auto bound = [size](int at, int parts) { return size * at / parts; };
    block = {bound(row, rows), bound(row + 1, rows), bound(column, columns),
             bound(column + 1, columns)};
    // What this process's row sums are for: the columns of the process with the roles exchanged.
    const int each = columns / rows;
    partner_column = row * each + column % each;
    partner = column / each * columns + partner_column;
    low = bound(partner_column, columns) - block.row_low;
    high = bound(partner_column + 1, columns) - block.row_low;
  }
  int rows = 1, columns = 1, row = 0, column = 0;
  CgBlock block{};
  int partner = 0;
  int partner_column = 0;
  std::int64_t low = 0, high = 0;  ///< of this block's rows: the part that is sent to the partner
};

class Iteration {
 public:
  Iteration(const Run& run, const CgClass& problem)
      : array_(run, problem.rows),
        matrix_(problem, array_.block),
        comm_(run.comm),
        row_comm_(run.comm, array_.row, array_.column),
        same_part_(run.comm, array_.row * 2 + array_.column % (array_.columns / array_.rows),
                   array_.column),
        phases_(*run.phases),
        multiplying_(phases_.add("sparse matrix-vector product", Spent::computing)),
        vectors_(phases_.add("vector operations", Spent::computing)),
        exchanging_(phases_.add("exchange vectors", Spent::communicating)),
        summing_(phases_.add("sums", Spent::communicating)),
        size_(static_cast<std::size_t>(array_.block.columns())),
        x_(size_),
        z_(size_),
        r_(size_),
        p_(size_),
        q_(size_),
        partial_(static_cast<std::size_t>(array_.block.rows())),
        other_(partial_.size()) {}

  void reset() {
    for (std::size_t j = 0; j < size_; ++j)
      x_[j] = 1;
  }

  /// One step of inverse iteration; the eigenvalue's estimate without the shift.
  double step() {
    solve();
    const PhaseScope scope(phases_, vectors_);
    std::array<double, 2> sums{};
    for (std::size_t j = 0; j < size_; ++j) {
      sums[0] += x_[j] * z_[j];
      sums[1] += z_[j] * z_[j];
    }
    sums = total(sums);
    const double scale = 1 / std::sqrt(sums[1]);
    for (std::size_t j = 0; j < size_; ++j)
      x_[j] = scale * z_[j];
    return 1 / sums[0];
  }
  [[nodiscard]] double residual() const { return residual_; }
  [[nodiscard]] std::size_t nonzeros() const { return matrix_.nonzeros(); }
  [[nodiscard]] const CgArray& array() const { return array_; }

 private:
  /// z = an approximation of the matrix's inverse times x, by 25 steps of conjugate gradients.
  void solve() {
    const PhaseScope scope(phases_, vectors_);
    double rho = 0;
    for (std::size_t j = 0; j < size_; ++j) {
      z_[j] = 0;
      r_[j] = p_[j] = x_[j];
      rho += x_[j] * x_[j];
    }
    rho = total(rho);
    for (int iteration = 0; iteration < kInnerIterations; ++iteration) {
      multiply(p_, q_);
      double d = 0;
#pragma omp simd reduction(+ : d)
      for (std::size_t j = 0; j < size_; ++j)
        d += p_[j] * q_[j];
      const double alpha = rho / total(d);
      const double before = rho;
      rho = 0;
#pragma omp simd reduction(+ : rho)
      for (std::size_t j = 0; j < size_; ++j) {
        z_[j] += alpha * p_[j];
        r_[j] -= alpha * q_[j];
        rho += r_[j] * r_[j];
      }
      rho = total(rho);
      const double beta = rho / before;
#pragma omp simd
      for (std::size_t j = 0; j < size_; ++j)
        p_[j] = r_[j] + beta * p_[j];
    }
    multiply(z_, q_);
    double squares = 0;
    for (std::size_t j = 0; j < size_; ++j)
      squares += (x_[j] - q_[j]) * (x_[j] - q_[j]);
    residual_ = std::sqrt(total(squares));
  }

  void multiply(const Array<double>& in, Array<double>& out) {
    {
      const PhaseScope scope(phases_, multiplying_);
      matrix_.multiply(in.data(), array_.columns == 1 ? out.data() : partial_.data());
    }
    if (array_.columns == 1) return;
    const PhaseScope scope(phases_, exchanging_);
    sum_rows();
    const auto length = static_cast<int>(array_.high - array_.low);
    if (array_.rows == 1)
      std::copy_n(partial_.data() + array_.low, length, out.data());
    else
      MPI_Sendrecv(partial_.data() + array_.low, length, MPI_DOUBLE, array_.partner, 1, out.data(),
                   static_cast<int>(size_), MPI_DOUBLE, array_.partner, 1, comm_,
                   MPI_STATUS_IGNORE);
  }

  /// Sums the row's partial products, in the part that this process passes on only: with twice as
  /// many columns as rows, neighbours first give each other their halves.
  void sum_rows() {
    const auto length = static_cast<int>(array_.high - array_.low);
    if (array_.columns > array_.rows) {
      const auto all = array_.block.rows();
      const bool lower = array_.low == 0;
      const auto sent_low = lower ? array_.high : std::int64_t{0};
      const auto sent = static_cast<int>(lower ? all - array_.high : array_.low);
      MPI_Sendrecv(partial_.data() + sent_low, sent, MPI_DOUBLE, array_.column ^ 1, 0,
                   other_.data(), length, MPI_DOUBLE, array_.column ^ 1, 0, row_comm_.get(),
                   MPI_STATUS_IGNORE);
      for (int at = 0; at < length; ++at)
        partial_[array_.low + at] += other_[at];
    }
    if (array_.rows > 1)
      MPI_Allreduce(MPI_IN_PLACE, partial_.data() + array_.low, length, MPI_DOUBLE, MPI_SUM,
                    same_part_.get());
  }

  double total(double value) {
    return total(std::array<double, 1>{value})[0];
  }
  template <std::size_t Size>
  std::array<double, Size> total(std::array<double, Size> values) {
    if (array_.columns == 1) return values;
    const PhaseScope scope(phases_, summing_);
    MPI_Allreduce(MPI_IN_PLACE, values.data(), Size, MPI_DOUBLE, MPI_SUM, row_comm_.get());
    return values;
  }

  CgArray array_;
  CgMatrix matrix_;
  MPI_Comm comm_;
  Communicator row_comm_;
  Communicator same_part_;  ///< of a row, the processes that pass on the same part
  Phases& phases_;
  Phases::Id multiplying_, vectors_, exchanging_, summing_;
  std::size_t size_;
  Array<double> x_, z_, r_, p_, q_;
  Array<double> partial_, other_;
  double residual_ = 0;
};

Result run(const Run& run) {
  const CgClass& problem = of_class(kCgClasses, run.problem_class);
  Iteration iteration(run, problem);
  iteration.reset();
  iteration.step();  // untimed, to touch all memory, as in the original
  iteration.reset();

  Result result;
  double zeta = 0;
  Stopwatch watch(run);
  for (int count = 0; count < problem.iterations; ++count) {
    zeta = problem.shift + iteration.step();
    watch.lap();
  }
  watch.stop(result);

  const double n = problem.rows;
  const double each = problem.nonzeros_per_row * (problem.nonzeros_per_row + 1.0);
  result.size = {problem.rows, 0, 0};
  result.iterations = problem.iterations;
  result.operations = 2.0 * problem.iterations * n * (3 + each + kInnerIterations * (5 + each) + 3);
  result.checks = {check_value("zeta", zeta, problem.zeta, kCgTolerance)};
  result.facts = {
      {"nonzeros_of_rank_0", fmt::format("{}", iteration.nonzeros())},
      {"residual", fmt::format("{:.6e}", iteration.residual())},
      {"process_array", fmt::format("{}x{}", iteration.array().rows, iteration.array().columns)}};
  return result;
}

std::optional<std::string> refuse(char problem_class, int ranks) {
  return refuse_unless_power_of_two(ranks, of_class(kCgClasses, problem_class).rows / 4);
}

double bytes_per_rank(char problem_class, int ranks) {
  const CgClass& problem = of_class(kCgClasses, problem_class);
  const double elements = problem.nonzeros_per_row + 1.0;
  return 32.0 * problem.rows * elements * elements / ranks;  // while the matrix is assembled
}

const KernelRegistration registration({"CG", "sparse matrix-vector products, conjugate gradients",
                                       refuse, bytes_per_rank, run});

}  // namespace
}  // namespace migbench::npb
