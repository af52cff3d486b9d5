#include <cmath>
#include <vector>

#include "harness/stats/random.hpp"
#include "harness/stats/ratio.hpp"
#include "harness/stats/verdict.hpp"
#include "tests/catch.hpp"
#include "tests/stats/noise.hpp"

using namespace migbench;

namespace {

std::vector<Launch> launches(const std::vector<double>& values, std::int64_t first_round = 1) {
  std::vector<Launch> list;
  for (const double value : values)
    list.push_back({first_round++, value});
  return list;
}

}  // namespace

TEST_CASE("the tails of the expanded percentile interval are Hesterberg's") {
  // z = sqrt(n / (n - 1)) t: t(0.975, 9) = 2.262157 and t(0.975, 19) = 2.093024 (Student's tables)
  // give z = 2.384525 and 2.147400; the tails are the normal table's.
  CHECK(expanded_tail(0.025, 10) == Approx(0.008551).epsilon(0.001));
  CHECK(expanded_tail(0.025, 20) == Approx(0.015881).epsilon(0.001));
  CHECK(expanded_tail(0.025, 1e6) == Approx(0.025).epsilon(0.001));
}

TEST_CASE("matched rounds are compared within their round") {
  const auto base = launches({10, 20, 40, 80, 160, 320, 640, 1280});
  const auto value = launches({11, 22, 44, 88, 176, 352, 704, 1408});
  const auto ratio = RatioBootstrap::make(value, base, 1);
  REQUIRE(ratio);
  CHECK(ratio->estimator() == RatioEstimator::within_rounds);
  CHECK(ratio->ratio() == Approx(1.1));
  REQUIRE(ratio->interval());
  CHECK(ratio->interval()->low == Approx(1.1));
  CHECK(ratio->interval()->high == Approx(1.1));

  SECTION("and the others by their medians, where the rounds' weather stays in the interval") {
    const auto apart =
        RatioBootstrap::make(launches({11, 22, 44, 88, 176, 352, 704, 1408}, 100), base, 1);
    REQUIRE(apart);
    CHECK(apart->estimator() == RatioEstimator::of_medians);
    CHECK(apart->ratio() == Approx(1.1));
    CHECK(apart->interval()->low < 0.3);
    CHECK(apart->interval()->high > 3);
  }
}

TEST_CASE("too few launches have a ratio and no interval") {
  const auto ratio =
      RatioBootstrap::make(launches({2, 2, 2, 2, 2}), launches({1, 1, 1, 1, 1, 1}), 1);
  REQUIRE(ratio);
  CHECK(ratio->ratio() == Approx(2));
  CHECK_FALSE(ratio->interval());
  CHECK(ratio->alpha_beside(1) == 1);
  CHECK(ratio->alpha_inside({0.9, 1.1}) == 1);
}

TEST_CASE("a ratio with zero, with something negative or with nothing has no meaning") {
  const auto good = launches({1, 2, 3, 4, 5, 6});
  CHECK_FALSE(RatioBootstrap::make(good, launches({0, 1, 1, 1, 1, 1}), 1));
  CHECK_FALSE(RatioBootstrap::make(launches({-1, 1, 1, 1, 1, 1}), good, 1));
  CHECK_FALSE(RatioBootstrap::make(good, {}, 1));
  CHECK_FALSE(RatioBootstrap::make(launches({1, NAN}), good, 1));
}

TEST_CASE("the same seed gives the same interval, another seed nearly the same") {
  const auto base = launches({10.1, 10.4, 9.8, 10.9, 10.2, 9.7, 10.0, 10.3});
  const auto value = launches({11.3, 11.0, 11.9, 11.2, 10.8, 11.1, 11.6, 11.4});
  const auto one = RatioBootstrap::make(value, base, 1)->interval();
  const auto again = RatioBootstrap::make(value, base, 1)->interval();
  const auto other = RatioBootstrap::make(value, base, 2)->interval();
  CHECK(one->low == again->low);
  CHECK(one->high == again->high);
  CHECK(one->low == Approx(other->low).epsilon(0.02));
  CHECK(one->high == Approx(other->high).epsilon(0.02));
}

TEST_CASE("no alpha is below what a permutation test could claim") {
  // Six against six without overlap: 2 / C(12, 6) = 2 / 924.
  const auto apart = RatioBootstrap::make(launches({20, 21, 22, 23, 24, 25}),
                                          launches({10, 11, 12, 13, 14, 15}), 1);
  CHECK(apart->alpha_beside(1) == Approx(2.0 / 924));
  CHECK(apart->alpha_inside({1.0, 4.0}) == Approx(2.0 / 924));
  CHECK(apart->alpha_inside({1.0, 1.5}) > 0.9);
  // Overlapping, but every round says the same: 2 / 2^6.
  const auto rounds = RatioBootstrap::make(launches({11, 12, 13, 14, 15, 16}),
                                           launches({10, 11, 12, 13, 14, 15}), 1);
  CHECK(rounds->alpha_beside(1) >= 2.0 / 64);
}

TEST_CASE(
    "the interval covers the true ratio in 95 of 100 simulated experiments, and 'same' is "
    "rarely wrong") {
  constexpr int kExperiments = 200;
  constexpr double kTrue = 1.1;
  for (const Weather weather : {Weather::steady, Weather::skewed, Weather::shared}) {
    for (const int n : {6, 12}) {
      Noise noise(1000 + static_cast<std::uint64_t>(n), weather);
      int covered = 0, wrongly_same = 0;
      for (int i = 0; i < kExperiments; ++i) {
        std::vector<Launch> value, base;
        for (int round = 0; round < n; ++round) {
          noise.next_round();
          value.push_back({round, kTrue * noise.launch()});
          base.push_back({round, noise.launch()});
        }
        const auto ratio = RatioBootstrap::make(value, base, static_cast<std::uint64_t>(i));
        covered += ratio->interval()->contains(kTrue) ? 1 : 0;
        // At a margin that the truth just fails, 'same' is always wrong.
        wrongly_same +=
            judge(ratio->interval(), kTrue - 1 - 1e-9, Better::lower) == Verdict::same ? 1 : 0;
      }
      INFO("weather " << static_cast<int>(weather) << ", n = " << n);
      // 0.95 less two standard errors of 200 experiments
      CHECK(covered >= static_cast<int>(0.92 * kExperiments));
      CHECK(wrongly_same <= static_cast<int>(0.05 * kExperiments));
    }
  }
}
