// MG's stencils against the sum that they stand for, and steps carried out together against the
// same steps one after the other.
#include <cmath>
#include <vector>

#include "apps/npb/mg_level.hpp"
#include "apps/npb/mg_sweep.hpp"
#include "apps/npb/random.hpp"
#include "tests/catch.hpp"

namespace migbench::npb {
namespace {

/// One process, which has all planes: nothing here asks MPI.
struct Alone {
  Phases phases{};
  Run run{};
  MgProcesses processes{run};
  MgBorders borders{processes, phases};
};

Array<double> random_field(const MgShape& shape, std::uint64_t skipped, MgBorders& borders) {
  Array<double> field(shape.size());
  Random random(kRandomSeed, skipped);
  for (Index z = 0; z < shape.nz; ++z)
    for (Index y = 0; y < shape.ny; ++y)
      for (Index x = 0; x < shape.points; ++x)
        field[shape.at(y, z) + x] = random.next() - 0.5;
  borders.exchange(shape, field, false);
  return field;
}

double weighted(const MgShape& shape, const Array<double>& field, Index x, Index y, Index z,
                const Four& weights) {
  double total = 0;
  for (Index dz = -1; dz <= 1; ++dz)
    for (Index dy = -1; dy <= 1; ++dy)
      for (Index dx = -1; dx <= 1; ++dx)
        total += weights[static_cast<std::size_t>(std::abs(dx) + std::abs(dy) + std::abs(dz))] *
                 field[shape.at(y + dy, z + dz) + x + dx];
  return total;
}

/// Of the points, without the layer around.
double largest_difference(const MgShape& shape, const Array<double>& a, const Array<double>& b) {
  double largest = 0;
  for (Index z = 0; z < shape.nz; ++z)
    for (Index y = 0; y < shape.ny; ++y)
      for (Index x = 0; x < shape.points; ++x) {
        const auto at = shape.at(y, z) + x;
        largest = std::max(largest, std::abs(a[at] - b[at]));
      }
  return largest;
}

constexpr Four kSmoother{-3.0 / 8.0, 1.0 / 32.0, -1.0 / 64.0, 0};
constexpr double kRounding = 1e-14;

TEST_CASE("MG: stencils are the weighted sums over 27 points") {
  Alone alone;
  for (const int points : {2, 4, 8, 16}) {
    INFO(points << " points");
    const MgShape shape(points, nullptr);
    const auto u = random_field(shape, 0, alone.borders);
    const auto v = random_field(shape, 10'000, alone.borders);
    Array<double> r(shape.size());
    mg_residual(shape, u, v, r);
    auto smoothed = random_field(shape, 20'000, alone.borders);
    const auto before = random_field(shape, 20'000, alone.borders);
    mg_smooth(shape, kSmoother, u, smoothed, false);
    Array<double> fresh(shape.size());
    mg_smooth(shape, kSmoother, u, fresh, true);
    for (Index z = 0; z < shape.nz; ++z)
      for (Index y = 0; y < shape.ny; ++y)
        for (Index x = 0; x < shape.points; ++x) {
          const auto at = shape.at(y, z) + x;
          const double a_u = weighted(shape, u, x, y, z, {-8.0 / 3.0, 0, 1.0 / 6.0, 1.0 / 12.0});
          const double s_u = weighted(shape, u, x, y, z, kSmoother);
          REQUIRE(std::abs(r[at] - (v[at] - a_u)) < kRounding);
          REQUIRE(std::abs(smoothed[at] - (before[at] + s_u)) < kRounding);
          REQUIRE(std::abs(fresh[at] - s_u) < kRounding);
        }
  }
}

TEST_CASE("MG: a coarse point is the weighted sum around the fine one") {
  Alone alone;
  const MgShape fine(8, nullptr);
  const MgShape coarse(4, nullptr);
  const auto field = random_field(fine, 0, alone.borders);
  Array<double> restricted(coarse.size());
  mg_restrict(fine, field, coarse, {0, 0}, restricted);
  for (Index z = 0; z < coarse.nz; ++z)
    for (Index y = 0; y < coarse.ny; ++y)
      for (Index x = 0; x < coarse.points; ++x)
        REQUIRE(std::abs(restricted[coarse.at(y, z) + x] -
                         weighted(fine, field, 2 * x + 1, 2 * y + 1, 2 * z + 1,
                                  {0.5, 0.25, 0.125, 0.0625})) < kRounding);
}

TEST_CASE("MG: steps together give what they give one after the other") {
  Alone alone;
  for (const int points : {4, 8, 16}) {
    INFO(points << " points");
    const MgShape shape(points, nullptr);
    const MgShape coarse_shape(points / 2, nullptr);
    REQUIRE(MgSweep::fits(shape));
    MgSweep sweep(shape, alone.borders);
    const auto v = random_field(shape, 0, alone.borders);
    auto u = random_field(shape, 10'000, alone.borders);
    auto swept = random_field(shape, 10'000, alone.borders);

    Array<double> r(shape.size());
    Array<double> coarse(coarse_shape.size());
    mg_residual(shape, u, v, r);
    alone.borders.exchange(shape, r, false);
    mg_restrict(shape, r, coarse_shape, {0, 0}, coarse);
    double squares = 0;
    for (Index z = 0; z < shape.nz; ++z)
      squares += mg_sum_of_squares(shape, r.data() + shape.at(0, z));
    Array<double> coarse_swept(coarse_shape.size());
    const double squares_swept =
        sweep.restrict_residual(shape, swept, v, coarse_shape, {0, 0}, coarse_swept, true);
    CHECK(largest_difference(coarse_shape, coarse, coarse_swept) < kRounding);
    CHECK(std::abs(squares - squares_swept) < kRounding * squares);
    CHECK(std::abs(squares - sweep.residual_squares(shape, swept, v)) < kRounding * squares);
    CHECK(sweep.restrict_residual(shape, swept, v, coarse_shape, {0, 0}, coarse_swept, false) == 0);

    alone.borders.exchange(coarse_shape, coarse, false);
    for (const bool fresh : {false, true}) {
      mg_interpolate(coarse_shape, {0, 0}, coarse, shape, u, fresh);
      mg_residual(shape, u, v, r);
      alone.borders.exchange(shape, r, false);
      mg_smooth(shape, kSmoother, r, u, false);
      alone.borders.exchange(shape, u, false);
      sweep.correct(shape, {coarse_shape, {0, 0}, coarse, kSmoother, fresh}, v, swept);
      CHECK(largest_difference(shape, u, swept) < kRounding);
      // The layer around, too.
      CHECK(swept[shape.at(-1, -1) - 1] == swept[shape.at(points - 1, points - 1) + points - 1]);
      CHECK(swept[shape.at(points, points) + points] == swept[shape.at(0, 0)]);
    }
  }
}

}  // namespace
}  // namespace migbench::npb
