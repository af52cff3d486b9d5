// The lines of BT and SP: where they lie, and that elimination from both ends meets.
#include <cmath>
#include <vector>

#include "apps/npb/adi_lines.hpp"
#include "apps/npb/bt_lines.hpp"
#include "apps/npb/random.hpp"
#include "apps/npb/sp_lines.hpp"
#include "tests/catch.hpp"

namespace migbench::npb {
namespace {

TEST_CASE("adi: blocks take every line of a cell once, and nothing beside them") {
  for (const Triple& points : {Triple{12, 5, 7}, Triple{6, 6, 6}, Triple{9, 11, 3}, Triple{8, 4, 5},
                               Triple{3, 3, 3}, Triple{23, 10, 4}})
    for (int direction = 0; direction < 3; ++direction) {
      INFO(points[0] << " x " << points[1] << " x " << points[2] << ", direction " << direction);
      const Cell cell({0, 0, 0}, {0, 0, 0}, points, {64, 64, 64}, 2);
      const CellLines lines(cell, direction);
      Array<double> from(static_cast<std::size_t>(cell.shape.component));
      Array<double> to(from.size());
      for (std::size_t at = 0; at < from.size(); ++at) {
        from[at] = static_cast<double>(at);
        to[at] = -1;
      }
      std::vector<Lanes> line(static_cast<std::size_t>(2 * lines.points()));
      for (Index block = 0; block < lines.blocks(); ++block) {
        const LineBlock in_cell = lines.block(block);
        in_cell.gather(from.data(), 0, lines.points(), line.data(), 2);
        in_cell.scatter(line.data(), 2, to.data(), [](Lanes before, Lanes x) {
          return x - 1.0 - before;  // x where -1 was; something else when written twice
        });
      }
      Index wrong = 0;
      double beside = 0;
      for (Index k = 0; k < points[2]; ++k)
        for (Index j = 0; j < points[1]; ++j)
          for (Index i = 0; i < points[0]; ++i) {
            double& found = to[cell.shape.at(i, j, k)];
            wrong += found == static_cast<double>(cell.shape.at(i, j, k)) ? 0 : 1;
            found = -1;
          }
      CHECK(wrong == 0);
      // Lines along x are written in whole vectors, up to the margin behind a row.
      for (std::size_t at = 0; at < to.size() && direction != 0; ++at)
        beside += std::abs(to[at] + 1);
      CHECK(beside == 0);
    }
}

double random_value(Random& random) {
  return random.next() - 0.5;
}

TEST_CASE("bt: elimination from both ends meets in the solution") {
  Random random(kRandomSeed);
  std::array<BtLines::Border, 2> ends{};
  for (auto& end : ends)
    for (std::size_t row = 0; row < 5; ++row) {
      end.r[row] = spread(random_value(random));
      for (std::size_t column = 0; column < 5; ++column)
        end.c[column][row] = spread(0.3 * random_value(random));
    }
  const auto& [own, other] = ends;
  const FiveLanes theirs = BtLines::join(own, other);
  const FiveLanes mine = BtLines::join(other, own);
  for (std::size_t row = 0; row < 5; ++row) {
    Lanes own_side = own.r[row];
    Lanes other_side = other.r[row];
    for (std::size_t column = 0; column < 5; ++column) {
      own_side -= own.c[column][row] * theirs[column];
      other_side -= other.c[column][row] * mine[column];
    }
    CHECK(mine[row][kLanes - 1] == Approx(own_side[kLanes - 1]).margin(1e-14));
    CHECK(theirs[row][kLanes - 1] == Approx(other_side[kLanes - 1]).margin(1e-14));
  }
}

TEST_CASE("sp: elimination from both ends meets in the solution") {
  Random random(kRandomSeed);
  std::array<SpLines::Border, 2> ends{};
  for (auto& end : ends)
    for (auto& point : end) {
      for (Lanes& r : point.r)
        r = spread(random_value(random));
      for (std::size_t s = 0; s < 3; ++s) {
        point.c1[s] = spread(random_value(random));
        point.c2[s] = spread(random_value(random));
      }
    }
  const auto& [own, other] = ends;
  const auto [c, d] = SpLines::join(own, other);
  const auto [b, a] = SpLines::join(other, own);
  constexpr std::array<std::size_t, 5> system{0, 0, 0, 1, 2};
  for (std::size_t m = 0; m < 5; ++m) {
    const auto at = [&](const SpLines::Point& point, Lanes next, Lanes next_but_one) {
      return (point.r[m] - point.c1[system[m]] * next - point.c2[system[m]] * next_but_one)[0];
    };
    CHECK(a[m][0] == Approx(at(own[0], b[m], c[m])).margin(1e-13));
    CHECK(b[m][0] == Approx(at(own[1], c[m], d[m])).margin(1e-13));
    CHECK(c[m][0] == Approx(at(other[1], b[m], a[m])).margin(1e-13));
    CHECK(d[m][0] == Approx(at(other[0], c[m], b[m])).margin(1e-13));
  }
}

}  // namespace
}  // namespace migbench::npb
