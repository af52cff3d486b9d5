#include <algorithm>
#include <numeric>
#include <vector>

#include "harness/stats/shape.hpp"
#include "tests/catch.hpp"
#include "tests/stats/noise.hpp"

using namespace migbench;

TEST_CASE("outliers by the modified z-score: spatialEco's published example") {
  // R package spatialEco, ?outliers: 100 values from 0.1 to 5, the last three replaced by 100, 55
  // and 250, which are the three that it finds.
  std::vector<double> values;
  for (int i = 0; i < 100; ++i)
    values.push_back(0.1 + i * 4.9 / 99);
  values[97] = 100;
  values[98] = 55;
  values[99] = 250;
  CHECK(outliers(values) == std::vector<std::size_t>{97, 98, 99});
}

TEST_CASE("few normal samples have an outlier, and one far off is found in all") {
  Noise noise(23, Weather::steady);
  for (const std::size_t n : {std::size_t{6}, std::size_t{8}, std::size_t{20}}) {
    int wrong = 0, found = 0;
    for (int i = 0; i < 200; ++i) {
      std::vector<double> values;
      for (std::size_t k = 0; k < n; ++k)
        values.push_back(100 + noise.normal());
      wrong += outliers(values).empty() ? 0 : 1;
      values[n / 2] = 200;
      found += outliers(values) == std::vector<std::size_t>{n / 2} ? 1 : 0;
    }
    INFO("n = " << n);
    CHECK(wrong <= 18);  // 5 % of 200 and two and a half standard errors
    CHECK(found >= 180);
  }
}

TEST_CASE("outliers where most values are equal, and where there are too few") {
  CHECK(outliers(std::vector<double>{5, 5, 5, 5, 5, 5, 5, 9}) == std::vector<std::size_t>{7});
  CHECK(outliers(std::vector<double>{5, 5, 5, 5, 5, 5}).empty());
  CHECK(outliers(std::vector<double>{1, 1, 1, 99}).empty());
  CHECK(outliers(std::vector<double>{}).empty());
}

TEST_CASE("two modes are seen, and one mode seldom is taken for two") {
  Noise noise(11, Weather::steady);
  for (const std::size_t n : {std::size_t{10}, std::size_t{30}}) {
    int found = 0, wrong = 0;
    for (int i = 0; i < 200; ++i) {
      std::vector<double> two, one, flat;
      for (std::size_t k = 0; k < n; ++k) {
        two.push_back((k % 2 == 0 ? 100.0 : 120.0) + noise.normal());
        one.push_back(100 + noise.normal());
      }
      found += two_modes(two) ? 1 : 0;
      wrong += two_modes(one) ? 1 : 0;
    }
    INFO("n = " << n);
    CHECK(found == 200);
    CHECK(wrong <= 6);
  }
  std::vector<double> sorted{1, 1.1, 1.2, 1.3, 1.4, 9, 9.1, 9.2, 9.3, 9.4};
  REQUIRE(two_modes(sorted));
  CHECK(two_modes(sorted)->low == Approx(1.2));
  CHECK(two_modes(sorted)->high == Approx(9.2));
  CHECK(two_modes(sorted)->low_count == 5);
}

TEST_CASE("one outlier is no second mode, nor are few or equal values") {
  CHECK_FALSE(two_modes(std::vector<double>{1, 1.1, 1.2, 1.3, 1.4, 1.1, 1.2, 1.3, 1.25, 50}));
  CHECK_FALSE(two_modes(std::vector<double>{1, 1, 1, 9, 9, 9}));
  CHECK_FALSE(two_modes(std::vector<double>(20, 4.0)));
}

TEST_CASE("a trend over the run is seen, noise is not") {
  Noise noise(3, Weather::steady);
  std::vector<double> positions(20), rising, still;
  std::iota(positions.begin(), positions.end(), 0.0);
  for (const double position : positions) {
    rising.push_back(100 + position + noise.normal());
    still.push_back(100 + noise.normal());
  }
  REQUIRE(drift(positions, rising));
  CHECK(drift(positions, rising)->rho > 0.9);
  CHECK(drift(positions, rising)->change == Approx(1.14).epsilon(0.02));
  CHECK_FALSE(drift(positions, still));
  CHECK_FALSE(drift(std::vector<double>{1, 2, 3, 4, 5}, std::vector<double>{1, 2, 3, 4, 5}));
}

TEST_CASE("the mean of rates is harmonic: there at 60, back at 40 is 48") {
  CHECK(*harmonic_mean(std::vector<double>{60, 40}) == Approx(48));
  CHECK_FALSE(harmonic_mean(std::vector<double>{60, 0}));
  CHECK_FALSE(harmonic_mean(std::vector<double>{}));
}
