// What the kernels are made of.
#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "apps/npb/adi_grid.hpp"
#include "apps/npb/array.hpp"
#include "apps/npb/bt_blocks.hpp"
#include "apps/npb/fft.hpp"
#include "apps/npb/lane_math.hpp"
#include "apps/npb/lu_grid.hpp"
#include "apps/npb/random.hpp"
#include "tests/catch.hpp"

namespace migbench::npb {
namespace {

TEST_CASE("random: jumps land where steps do") {
  Random stepped(kRandomSeed);
  for (int at = 0; at < 1000; ++at)
    (void)stepped.next();
  Random jumped(kRandomSeed, 1000);
  CHECK(jumped.state() == stepped.state());
  CHECK(random_power(kRandomMultiplier, 0) == 1);
  CHECK(random_power(3, 5) == 243);
}

TEST_CASE("random: lanes are the same numbers") {
  Random scalar(kRandomSeed, 7);
  RandomLanes lanes(kRandomSeed, 7, 1, kLanes);
  for (int at = 0; at < 100; ++at) {
    const Lanes block = lanes.next();
    for (int lane = 0; lane < kLanes; ++lane)
      CHECK(block[lane] == scalar.next());
  }
  lanes.skip(5);
  for (int at = 0; at < 5; ++at)
    (void)scalar.next();
  CHECK(lanes.next()[0] == scalar.next());
}

TEST_CASE("lanes: transposition") {
  Tile tile;
  for (int row = 0; row < kLanes; ++row)
    for (int lane = 0; lane < kLanes; ++lane)
      tile[static_cast<std::size_t>(row)][lane] = 100 * row + lane;
  transpose(tile);
  for (int row = 0; row < kLanes; ++row)
    for (int lane = 0; lane < kLanes; ++lane)
      CHECK(tile[static_cast<std::size_t>(row)][lane] == 100 * lane + row);
}

TEST_CASE("lanes: logarithm") {
  double x = 1e-300;
  for (int count = 0; count < 4300; ++count, x *= 1.37) {
    const double computed = logarithm(spread(x))[0];
    CHECK(std::abs(computed - std::log(x)) <= 4e-16 * std::abs(std::log(x)) + 1e-300);
  }
  CHECK(logarithm(spread(1.0))[0] == 0);
  CHECK(logarithm(spread(1 - 1e-15))[0] == Approx(std::log(1 - 1e-15)).epsilon(1e-14));
}

TEST_CASE("fft: against the definition, every size that a class has and some more") {
  for (const int size : {2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048}) {
    INFO("size " << size);
    Random random(kRandomSeed);
    Array<ComplexLanes> line(static_cast<std::size_t>(size));
    std::vector<std::complex<double>> input(static_cast<std::size_t>(size));
    for (int at = 0; at < size; ++at) {
      for (int lane = 0; lane < kLanes; ++lane) {
        line[at].re[lane] = random.next() - 0.5;
        line[at].im[lane] = random.next() - 0.5;
      }
      input[static_cast<std::size_t>(at)] = {line[at].re[kLanes - 1], line[at].im[kLanes - 1]};
    }
    const Fft plan(size);
    plan.transform(line.data(), false);
    for (const int k : {0, 1, size / 2, size - 1}) {
      std::complex<double> sum;
      for (int at = 0; at < size; ++at)
        sum += input[static_cast<std::size_t>(at)] *
               std::polar(1.0, -2 * std::numbers::pi * (k * at % size) / size);
      const ComplexLanes& found = line[plan.position()[static_cast<std::size_t>(k)]];
      CHECK(std::abs(std::complex(found.re[kLanes - 1], found.im[kLanes - 1]) - sum) <
            1e-12 * size);
    }
    // Back again, in natural order.
    Array<ComplexLanes> back(static_cast<std::size_t>(size));
    for (int k = 0; k < size; ++k)
      back[k] = line[plan.position()[static_cast<std::size_t>(k)]];
    plan.transform(back.data(), true);
    double worst = 0;
    for (int at = 0; at < size; ++at) {
      const ComplexLanes& found = back[plan.position()[static_cast<std::size_t>(at)]];
      const std::complex value(found.re[kLanes - 1], found.im[kLanes - 1]);
      worst = std::max(
          worst, std::abs(value / static_cast<double>(size) - input[static_cast<std::size_t>(at)]));
    }
    CHECK(worst < 1e-14);
  }
}

TEST_CASE("bt: a factored block solves its system") {
  Random random(kRandomSeed);
  BtBlock block;
  std::array<double, 5> truth{1, -2, 3, -4, 5};
  FiveLanes right{};
  for (std::size_t column = 0; column < 5; ++column)
    for (std::size_t row = 0; row < 5; ++row) {
      const double value = random.next() + (row == column ? 5 : 0);
      block[column][row] = spread(value);
      right[row] += value * truth[column];
    }
  factor(block);
  solve(block, right);
  for (std::size_t row = 0; row < 5; ++row)
    CHECK(right[row][kLanes - 1] == Approx(truth[row]).epsilon(1e-14));
}

TEST_CASE("cfd: the initial field is exact on the faces") {
  const Five exact = exact_solution(0.25, 1, 0.5);
  CHECK(initial_value(0.25, 1, 0.5) == exact);
  CHECK(initial_value(0.25, 0.75, 0.5) != exact_solution(0.25, 0.75, 0.5));
  CHECK(exact_solution(0, 0, 0) == Five{2, 1, 2, 2, 5});
}

TEST_CASE("cfd: rows that stay in the cache from plane to plane, in even shares") {
  CHECK(rows_in_cache(32, 24) == 24);
  CHECK(rows_in_cache(72, 64) == 32);
  CHECK(rows_in_cache(4000, 100) == 8);
  CHECK(rows_in_cache(4000, 3) == 3);
}

TEST_CASE("lu: vectors begin at the first point that is solved for") {
  for (const Index j_low : {0, 1}) {
    const LuShape shape(33, 17, 33, j_low);
    const LuPatch patch{1, 32, j_low, 17};
    CHECK(shape.at(5, j_low, 3) % kLanes == 0);
    CHECK(shape.at(6, j_low, 3) - shape.at(5, j_low, 3) == shape.steps()[0]);
    CHECK(shape.at(5, j_low + 1, 3) - shape.at(5, j_low, 3) == shape.steps()[1]);
    CHECK(patch.vector_of(j_low) == j_low);
    CHECK(patch.vector_of(j_low + kLanes - 1) == j_low);
    CHECK(patch.vector_of(j_low + kLanes) == j_low + kLanes);
    // Two layers of neighbours on both sides, and rows do not reach into each other.
    CHECK(shape.at(-2, -2, 0) >= 0);
    CHECK(shape.row >= 17 + 4);
  }
}

TEST_CASE("process counts") {
  CHECK_FALSE(refuse_unless_square(9, 12));
  CHECK(refuse_unless_square(8, 12) == "a square number up to 16 (such as 4)");
  CHECK(refuse_unless_square(25, 12) == "a square number up to 16 (such as 16)");
  CHECK_FALSE(refuse_unless_lu_array(12, 64));
  CHECK(lu_process_array(12) == std::pair(4, 3));
  CHECK_FALSE(lu_process_array(7));
  CHECK(refuse_unless_lu_array(7, 64));
  CHECK(refuse_unless_lu_array(16, 12));
  CHECK_FALSE(refuse_unless_power_of_two(8, 8));
  CHECK(refuse_unless_power_of_two(16, 8) == "a power of two up to 8 (such as 8)");
  CHECK(refuse_unless_power_of_two(6, 8) == "a power of two up to 8 (such as 4)");
}

TEST_CASE("a class that does not fit into memory is refused") {
  const Kernel& ft = find_kernel("ft");
  CHECK(refuse_without_memory(ft, 'D', 1, 1, 0x1p34) ==
        "FT of class D needs 96.0 GiB for the 1 of its ranks on a node that has 16.0 GiB: take a "
        "smaller class or more nodes");
  CHECK_FALSE(refuse_without_memory(ft, 'D', 64, 1, 0x1p34));
  CHECK(refuse_without_memory(ft, 'D', 64, 16, 0x1p34));
  CHECK_FALSE(refuse_without_memory(ft, 'S', 1, 1, 0x1p30));
}

TEST_CASE("a value that is none does not pass") {
  CHECK(check_value("x", 1.0 + 1e-9, 1, 1e-8).passed());
  CHECK_FALSE(check_value("x", 1.0 + 1e-7, 1, 1e-8).passed());
  CHECK_FALSE(check_value("x", std::nan(""), 1, 1e-8).passed());
  CHECK_FALSE(check_value("x", INFINITY, 1, 1e-8).passed());
}

}  // namespace
}  // namespace migbench::npb
