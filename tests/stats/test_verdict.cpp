#include <cmath>
#include <vector>

#include "harness/stats/verdict.hpp"
#include "tests/catch.hpp"
#include "tests/stats/noise.hpp"

using namespace migbench;

TEST_CASE("an interval has the verdict of where it lies") {
  const double margin = 0.05;
  CHECK(judge(Interval{1.06, 1.20}, margin, Better::lower) == Verdict::slower);
  CHECK(judge(Interval{1.06, 1.20}, margin, Better::higher) == Verdict::faster);
  CHECK(judge(Interval{0.70, 0.90}, margin, Better::lower) == Verdict::faster);
  CHECK(judge(Interval{0.70, 0.90}, margin, Better::higher) == Verdict::slower);
  CHECK(judge(Interval{0.96, 1.04}, margin, Better::lower) == Verdict::same);
  CHECK(judge(Interval{1.01, 1.04}, margin, Better::lower) == Verdict::same);
  CHECK(judge(Interval{1.01, 1.06}, margin, Better::lower) == Verdict::slower);
  CHECK(judge(Interval{0.99, 1.06}, margin, Better::lower) == Verdict::ambiguous);
  CHECK(judge(Interval{0.90, 1.10}, margin, Better::lower) == Verdict::ambiguous);
  CHECK(judge(std::nullopt, margin, Better::lower) == Verdict::ambiguous);
}

TEST_CASE("the margin means the same for a ratio and for its inverse") {
  const Interval margin = margin_around_one(0.25);
  CHECK(margin.low == Approx(0.8));
  CHECK(1 / margin.low == Approx(margin.high));
}

TEST_CASE("the family's level is that of Benjamini and Hochberg's own example") {
  // Benjamini and Hochberg, JRSS B 57 (1995) 289, section 4: 15 tests of thrombolysis, of which
  // the procedure rejects four at 5 %.
  const std::vector<double> p{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                              0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
  const FamilyLevel level = family_level(p);
  CHECK(level.comparisons == 15);
  CHECK(level.conclusive == 4);
  CHECK(level.alpha == Approx(0.05 * 4 / 15));
  CHECK(family_level({}).comparisons == 0);
  CHECK(family_level(std::vector<double>{0.9, 0.8}).conclusive == 0);
  CHECK(family_level(std::vector<double>{0.9, 0.8}).alpha == Approx(0.025));
  CHECK(family_level(std::vector<double>{0.01}).alpha == Approx(0.05));
}

TEST_CASE("of many verdicts few are wrong where nothing differs") {
  // 20 families of 20 comparisons of two equal cells. A single one may say slower or faster in 5 %.
  Noise noise(5, Weather::steady);
  int families_with_error = 0;
  for (std::uint64_t family = 0; family < 20; ++family) {
    std::vector<RatioBootstrap> ratios;
    std::vector<double> alphas;
    for (std::uint64_t k = 0; k < 20; ++k) {
      std::vector<Launch> value, base;
      for (int round = 0; round < 8; ++round) {
        value.push_back({round, noise.launch()});
        base.push_back({round, noise.launch()});
      }
      ratios.push_back(*RatioBootstrap::make(value, base, family * 100 + k));
      alphas.push_back(alpha_of_verdict(ratios.back(), 0.01));
    }
    const double alpha = family_level(alphas).alpha;
    bool error = false;
    for (const RatioBootstrap& ratio : ratios) {
      const Verdict verdict = judge(ratio.interval(alpha), 0.01, Better::lower);
      error = error || verdict == Verdict::slower || verdict == Verdict::faster;
    }
    families_with_error += error ? 1 : 0;
  }
  CHECK(families_with_error <= 3);  // binomial(20, 0.05): at most 3 in 98 of 100 test runs
}

TEST_CASE("an ambiguous verdict names how many launches it would take") {
  // Half the interval's width is 8 %, the ratio is 1: to fit into a margin of 5 % with 80 % power
  // it takes 10 * (1.43 * 0.08 / 0.0488)^2.
  const Interval interval{std::exp(-0.08), std::exp(0.08)};
  const double room = std::log(1.05);
  const double expected = 10 * std::pow(2.8 / 1.96 * 0.08 / room, 2);
  REQUIRE(launches_for_verdict(1, interval, 10, 0.05));
  CHECK(static_cast<double>(*launches_for_verdict(1, interval, 10, 0.05)) ==
        Approx(expected).margin(1));
  // A wider margin needs fewer, a ratio far from 1 needs hardly any more.
  CHECK(*launches_for_verdict(1, interval, 10, 0.10) <
        *launches_for_verdict(1, interval, 10, 0.05));
  CHECK(*launches_for_verdict(1.5, interval, 10, 0.05) == 11);
  // Nothing helps where the noise is ten times the margin.
  CHECK_FALSE(launches_for_verdict(1, {std::exp(-1.0), std::exp(1.0)}, 10, 0.01));
}
