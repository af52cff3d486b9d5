// Ticks of a figure's axis.
#include <cmath>

#include "harness/report/svg.hpp"
#include "tests/catch.hpp"

using migbench::svg::Axis;

TEST_CASE("an axis that begins below zero has a tick at 0, not at -0") {
  const auto ticks = Axis(-376, 1356, 0, 100, false).ticks();
  REQUIRE_FALSE(ticks.empty());
  CHECK(ticks.front() == 0);
  CHECK_FALSE(std::signbit(ticks.front()));
}
