// FT: a diffusion equation on a periodic grid, solved by three-dimensional Fourier transforms
// (RNR-94-007, section 2.4.2).
#include <cmath>
#include <complex>

#include <fmt/format.h>

#include "apps/npb/ft_grid.hpp"
#include "apps/npb/ft_verification.hpp"
#include "apps/npb/kernel.hpp"
#include "apps/npb/random.hpp"

namespace migbench::npb {
namespace {

/// The random initial field: two numbers a point, x fastest, then y, then z.
void fill(const FtLayout& l, Array<ComplexLanes>& physical) {
  const auto line = static_cast<std::uint64_t>(2 * l.nx);
  const auto first =
      static_cast<std::uint64_t>(l.rank2 * l.z_physical * l.ny + l.rank1 * l.y_physical);
  RandomLanes random(kRandomSeed, first * line, line, 1);
  for (Index z = 0; z < l.z_physical; ++z) {
    for (Index y = 0; y < l.y_physical; y += kLanes) {
      ComplexLanes* to = physical.data() + (z * l.y_physical + y) / kLanes * l.nx;
      for (Index x = 0; x < l.nx; ++x) {
        const Lanes re = random.next();
        to[x] = {re, random.next()};
      }
      random.skip((kLanes - 1) * line);  // each lane is where the next one began
    }
    random.skip(static_cast<std::uint64_t>(l.ny - l.y_physical) * line);
  }
}

/// The sum over 1024 points of the whole grid, scaled by the number of points.
std::complex<double> checksum(const FtLayout& l, const Array<ComplexLanes>& physical,
                              MPI_Comm comm) {
  std::array<double, 2> own{};
  for (Index j = 1; j <= 1024; ++j) {
    const Index y = 3 * j % l.ny - l.rank1 * l.y_physical;
    const Index z = 5 * j % l.nz - l.rank2 * l.z_physical;
    if (y < 0 || y >= l.y_physical || z < 0 || z >= l.z_physical) continue;
    const ComplexLanes& row = physical[(z * l.y_physical + y) / kLanes * l.nx + j % l.nx];
    own[0] += row.re[y % kLanes];
    own[1] += row.im[y % kLanes];
  }
  std::array<double, 2> total{};
  MPI_Allreduce(own.data(), total.data(), 2, MPI_DOUBLE, MPI_SUM, comm);
  return std::complex(total[0], total[1]) / static_cast<double>(l.nx * l.ny * l.nz);
}

void add_checks(int iteration, std::complex<double> computed, const ComplexValue& published,
                Result& result) {
  const std::complex<double> reference(published.first, published.second);
  // The original's measure: the distance in the complex plane, for both parts.
  const double error = std::abs((computed - reference) / reference);
  result.checks.push_back({fmt::format("checksum {} (real)", iteration), computed.real(),
                           reference.real(), error, kFtTolerance});
  result.checks.push_back({fmt::format("checksum {} (imaginary)", iteration), computed.imag(),
                           reference.imag(), error, kFtTolerance});
}

Result run(const Run& run) {
  const FtClass& problem = of_class(kFtClasses, run.problem_class);
  const FtLayout layout(problem.nx, problem.ny, problem.nz, run.ranks, run.rank);
  Phases& phases = *run.phases;
  const auto initial = phases.add("initial field", Spent::computing);
  const auto checking = phases.add("checksum", Spent::communicating);
  FtTransform transform(layout, run.comm, phases);
  Array<ComplexLanes> physical(static_cast<std::size_t>(layout.rows()));
  Array<ComplexLanes> spectral(static_cast<std::size_t>(layout.rows()));

  const auto prepare = [&] {
    {
      const PhaseScope scope(phases, initial);
      fill(layout, physical);
    }
    transform.forward(physical, spectral);
  };
  prepare();  // untimed, to touch all memory, as in the original

  Result result;
  Stopwatch watch(run);
  prepare();
  for (int iteration = 1; iteration <= problem.iterations; ++iteration) {
    transform.inverse(spectral, ft_evolution(layout, iteration), physical);
    const PhaseScope scope(phases, checking);
    const auto sum = checksum(layout, physical, run.comm);
    add_checks(iteration, sum, problem.checksums[static_cast<std::size_t>(iteration - 1)], result);
    watch.lap();
  }
  watch.stop(result);

  const auto points = static_cast<double>(layout.nx * layout.ny * layout.nz);
  result.size = {problem.nx, problem.ny, problem.nz};
  result.iterations = problem.iterations;
  result.operations = points * (14.8157 + 7.19641 * std::log(points) +
                                (5.23518 + 7.21113 * std::log(points)) * problem.iterations);
  result.facts = {{"fft", "built in (radix 8 and 4, in place)"},
                  {"process_array", fmt::format("{}x{}", layout.p1, layout.p2)}};
  return result;
}

std::optional<std::string> refuse(char problem_class, int ranks) {
  const FtClass& problem = of_class(kFtClasses, problem_class);
  return refuse_unless_power_of_two(ranks,
                                    FtLayout::most_ranks(problem.nx, problem.ny, problem.nz));
}

double bytes_per_rank(char problem_class, int ranks) {
  const FtClass& problem = of_class(kFtClasses, problem_class);
  const double field = 16.0 * problem.nx * problem.ny * problem.nz / ranks;
  return field * (ranks == 1 ? 3 : 4);
}

const KernelRegistration registration({"FT", "3-D fast Fourier transforms, all-to-all exchange",
                                       refuse, bytes_per_rank, run});

}  // namespace
}  // namespace migbench::npb
