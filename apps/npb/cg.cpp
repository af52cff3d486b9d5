// CG: the smallest eigenvalue of a sparse matrix by inverse iteration with conjugate gradients
// (RNR-94-007, section 2.3.2).
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "apps/npb/cg_matrix.hpp"
#include "apps/npb/kernel.hpp"
#include "apps/npb/mpi_call.hpp"
#include "apps/npb/verification.hpp"

namespace migbench::npb {
namespace {

constexpr int kInnerIterations = 25;

/// Process (r, c) of an R x C array, R = C or R = 2 C, has block (r, c) of the matrix and the part
/// of every vector that belongs to its columns. The original has C = 2 R where the two differ.
/// Twice as many rows keep the matrix's rows as long as in a square array, and two processes need
/// no sums at all; what they cost, vectors in twice as many copies, is little beside the product.
struct CgArray {
  CgArray(const Run& run, std::int64_t size) {
    while (rows * columns < run.ranks)
      (rows > columns ? columns : rows) *= 2;
    row = run.rank / columns;
    column = run.rank % columns;
    const auto bound = [size](int at, int parts) { return size * at / parts; };
    block = {bound(row, rows), bound(row + 1, rows), bound(column, columns),
             bound(column + 1, columns)};
    // The rows of this process's columns, and who has and needs them, with the roles of row and
    // column exchanged.
    const int each = rows / columns;
    for (int part = 0; part < each; ++part) {
      const int other_row = each * column + (part + row) % each;  // no two wait for the same third
      exchanges.push_back({other_row * columns + row / each,
                           bound(other_row, rows) - block.column_low,
                           bound(other_row + 1, rows) - bound(other_row, rows)});
    }
  }
  /// With a process that has `length` elements of this one's vectors from `at` on, and needs all of
  /// this one's rows.
  struct Exchange {
    int rank;
    std::int64_t at, length;
  };
  int rows = 1, columns = 1, row = 0, column = 0;
  CgBlock block{};
  std::vector<Exchange> exchanges{};
};

class Iteration {
 public:
  Iteration(const Run& run, const CgClass& problem)
      : array_(run, problem.rows),
        matrix_(problem, array_.block),
        comm_(run.comm),
        rank_(run.rank),
        row_comm_(run.comm, array_.row, array_.column),
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
        partial_(static_cast<std::size_t>(array_.block.rows())) {}

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
      matrix_.multiply(in.data(), array_.rows == 1 ? out.data() : partial_.data());
    }
    if (array_.rows == 1) return;
    const PhaseScope scope(phases_, exchanging_);
    const auto rows = static_cast<int>(partial_.size());
    if (array_.columns > 1)
      MPI_Allreduce(MPI_IN_PLACE, partial_.data(), rows, MPI_DOUBLE, MPI_SUM, row_comm_.get());
    for (const CgArray::Exchange& with : array_.exchanges) {
      double* const part = out.data() + with.at;
      if (with.rank == rank_) {
        std::copy_n(partial_.data(), rows, part);
        continue;
      }
      MPI_Sendrecv(partial_.data(), rows, MPI_DOUBLE, with.rank, 1, part,
                   static_cast<int>(with.length), MPI_DOUBLE, with.rank, 1, comm_,
                   MPI_STATUS_IGNORE);
    }
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
  int rank_;
  Communicator row_comm_;
  Phases& phases_;
  Phases::Id multiplying_, vectors_, exchanging_, summing_;
  std::size_t size_;
  Array<double> x_, z_, r_, p_, q_;
  Array<double> partial_;
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
