#include <numeric>

#include "bench/histogram.hpp"
#include "bench/quantile.hpp"
#include "tests/catch.hpp"

using namespace migbench;

TEST_CASE("ranks of the median's interval are those of the published tables") {
  // Conover's and R's binomial ranks for 95 %: n = 6 covers with the extremes, n = 10 with the 2nd
  // and the 9th, n = 25 with the 8th and the 18th (1-based).
  CHECK_FALSE(quantile_ranks(5, 0.5));
  REQUIRE(quantile_ranks(6, 0.5));
  CHECK(quantile_ranks(6, 0.5)->low == 0);
  CHECK(quantile_ranks(6, 0.5)->high == 5);
  CHECK(quantile_ranks(10, 0.5)->low == 1);
  CHECK(quantile_ranks(10, 0.5)->high == 8);
  CHECK(quantile_ranks(25, 0.5)->low == 7);
  CHECK(quantile_ranks(25, 0.5)->high == 17);
}

TEST_CASE("the interval is as narrow as its coverage allows, for every n") {
  for (std::size_t n = kFewestForInterval; n < 200; ++n) {
    const auto ranks = quantile_ranks(n, 0.5);
    REQUIRE(ranks);
    // Coverage of [x(l), x(u)] is P(l <= B < u) in 1-based ranks, summed here by Pascal's rule in
    // doubles.
    std::vector<double> pmf{1.0};
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<double> next(pmf.size() + 1, 0.0);
      for (std::size_t k = 0; k < pmf.size(); ++k) {
        next[k] += pmf[k] / 2;
        next[k + 1] += pmf[k] / 2;
      }
      pmf = next;
    }
    const auto coverage = [&](std::size_t low, std::size_t high) {
      return std::accumulate(pmf.begin() + static_cast<std::ptrdiff_t>(low) + 1,
                             pmf.begin() + static_cast<std::ptrdiff_t>(high) + 1, 0.0);
    };
    INFO("n = " << n);
    CHECK(coverage(ranks->low, ranks->high) >= 0.95);
    CHECK(ranks->low + ranks->high == n - 1);
    CHECK(coverage(ranks->low + 1, ranks->high - 1) < 0.95);
  }
}

TEST_CASE("quantiles of a histogram are within its resolution") {
  Histogram histogram;
  std::vector<double> values;
  for (std::int64_t i = 1; i <= 100'000; ++i) {
    histogram.add(i * 37);
    values.push_back(static_cast<double>(i * 37));
  }
  for (const double p : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    CHECK(histogram.quantile(p) == Approx(quantile_sorted(values, p)).epsilon(1.0 / 128));
  }
  CHECK(histogram.minimum() == 37);
  CHECK(histogram.maximum() == 3'700'000);
}

TEST_CASE("every bucket starts where the one before ends") {
  for (std::size_t b = 0; b + 1 < Histogram::kBuckets; ++b) {
    REQUIRE(Histogram::bucket(Histogram::lower_bound(b)) == b);
    REQUIRE(Histogram::bucket(Histogram::lower_bound(b + 1) - 1) == b);
  }
  CHECK(Histogram::bucket(std::numeric_limits<std::int64_t>::max()) == Histogram::kBuckets - 1);
}
