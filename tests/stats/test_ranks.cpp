#include <vector>

#include "harness/stats/ranks.hpp"
#include "tests/catch.hpp"

using namespace migbench;

TEST_CASE("Mann-Whitney without ties is exact: Hollander and Wolfe's permeability constants") {
  // Hollander and Wolfe (1973), p. 69; R's ?wilcox.test and coin::wilcox_test print W = 35,
  // p = 0.1272 one-sided, 0.2544 two-sided, and a difference in location of 0.305.
  const std::vector<double> x{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
  const std::vector<double> y{1.15, 0.88, 0.90, 0.74, 1.21};
  const MannWhitney test = mann_whitney(x, y);
  CHECK(test.u == 35);
  CHECK(test.exact);
  CHECK(test.p == Approx(0.2544).margin(0.00005));
  CHECK(test.hodges_lehmann == Approx(0.305));
  const MannWhitney swapped = mann_whitney(y, x);
  CHECK(swapped.u == 15);
  CHECK(swapped.p == Approx(test.p));
  CHECK(swapped.hodges_lehmann == Approx(-0.305));
}

TEST_CASE("Mann-Whitney with ties uses the normal approximation: R's airquality example") {
  // R's ?wilcox.test: Ozone of May against August, W = 127.5, p-value = 0.0001208.
  const std::vector<double> may{41, 36, 12, 18, 28, 23, 19, 8, 7,  16, 11, 14,  18,
                                14, 34, 6,  30, 11, 1,  11, 4, 32, 23, 45, 115, 37};
  const std::vector<double> august{39, 9,  16, 78, 35, 66, 122, 89,  110, 44, 28,  65, 22,
                                   59, 23, 31, 44, 21, 9,  45,  168, 73,  76, 118, 84, 85};
  const MannWhitney test = mann_whitney(may, august);
  CHECK(test.u == 127.5);
  CHECK_FALSE(test.exact);
  CHECK(test.p == Approx(0.0001208).margin(5e-8));
}

TEST_CASE("Mann-Whitney of equal constants says nothing") {
  const std::vector<double> ones(8, 1.0);
  CHECK(mann_whitney(ones, ones).p == 1);
  CHECK(mann_whitney(ones, ones).hodges_lehmann == 0);
}

TEST_CASE("Spearman: the IQ and television example") {
  // Wikipedia, Spearman's rank correlation coefficient: rho = -29/165, p = 0.627188 by Student's t.
  const std::vector<double> iq{106, 100, 86, 101, 99, 103, 97, 113, 112, 110};
  const std::vector<double> hours{7, 27, 2, 50, 28, 29, 20, 12, 6, 17};
  const Spearman result = spearman(iq, hours);
  CHECK(result.rho == Approx(-29.0 / 165));
  CHECK(result.p == Approx(0.627188).margin(1e-6));
  CHECK(spearman(iq, iq).rho == Approx(1));
  CHECK(spearman(iq, iq).p == 0);
  CHECK(spearman(iq, std::vector<double>(10, 1.0)).rho == 0);
  CHECK_THROWS(spearman(iq, std::vector<double>(9, 1.0)));
}

TEST_CASE("ties share the mean of their ranks") {
  const std::vector<double> values{3, 1, 3, 2, 3};
  CHECK(midranks(values) == std::vector<double>{4, 1, 4, 2, 4});
}
