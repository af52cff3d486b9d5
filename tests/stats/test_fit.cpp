#include <vector>

#include "harness/stats/fit.hpp"
#include "tests/catch.hpp"
#include "tests/stats/noise.hpp"

using namespace migbench;

TEST_CASE("Theil and Sen's slope: the example of Sen's paper") {
  // P. K. Sen, JASA 63 (1968) 1379, section 6: the slope is 4.
  const std::vector<FitPoint> sen{{1, 9}, {2, 15}, {3, 19}, {4, 20}, {10, 45}, {12, 55}, {18, 78}};
  const auto fit = fit_line(sen, 1);
  REQUIRE(fit);
  CHECK(fit->slope == Approx(4));
  CHECK(fit->intercept == Approx(6));  // median of y - 4 x: 4 5 5 6 7 7 7
  CHECK(fit->points == 7);
  CHECK_FALSE(fit->slope_interval);  // one observation a point tells nothing of its noise
}

TEST_CASE("one wild observation moves the line hardly, and two points are no line") {
  std::vector<FitPoint> observations;
  for (int x = 1; x <= 4; ++x) {
    for (int k = 0; k < 5; ++k)
      observations.push_back({static_cast<double>(x), 10 + 3.0 * x});
  }
  observations[7].y = 1e6;
  const auto fit = fit_line(observations, 1);
  REQUIRE(fit);
  CHECK(fit->slope == Approx(3));
  CHECK(fit->intercept == Approx(10));
  CHECK_FALSE(fit_line(std::vector<FitPoint>{{1, 1}, {2, 2}, {2, 3}}, 1));
  CHECK_FALSE(fit_line({}, 1));
}

TEST_CASE("a curve is seen as misfit") {
  std::vector<FitPoint> curve;
  for (int x = 1; x <= 8; ++x)
    curve.push_back({static_cast<double>(x), static_cast<double>(x * x)});
  CHECK(fit_line(curve, 1)->misfit > 0.2);
}

TEST_CASE("intervals of fixed cost and slope cover the truth") {
  constexpr int kSweeps = 40;
  Noise noise(17, Weather::steady);
  int slope = 0, intercept = 0;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    std::vector<FitPoint> observations;
    for (const double gib : {0.125, 0.25, 0.5, 1.0, 2.0}) {
      for (int k = 0; k < 8; ++k)
        observations.push_back({gib, 500 + 1000 * gib + 20 * noise.normal()});
    }
    const auto fit = fit_line(observations, static_cast<std::uint64_t>(sweep));
    REQUIRE(fit->slope_interval);
    slope += fit->slope_interval->contains(1000) ? 1 : 0;
    intercept += fit->intercept_interval->contains(500) ? 1 : 0;
  }
  CHECK(slope >= 34);  // 0.95 * 40 less two standard errors
  CHECK(intercept >= 34);
}
