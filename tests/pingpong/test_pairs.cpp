#include <string>

#include "bench/error.hpp"
#include "pingpong/pairs.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace migbench::pingpong;

TEST_CASE("a pair is two ranks") {
  CHECK(parse_pair("3,12") == Pair{3, 12});
  CHECK(format_pair({3, 12}) == "3,12");
  for (const auto* bad : {"", ",", "1", "1,", ",1", "1,2,3", "a,b", "1;2", "-1,2", " 1,2"})
    CHECK_THROWS_AS(parse_pair(bad), InputError);
}

TEST_CASE("all pairs cross from the first half of the ranks to the second") {
  CHECK(pairs_of_halves(4) == std::vector<Pair>{{0, 2}, {1, 3}});
  CHECK_THROWS_AS(pairs_of_halves(3), InputError);
  CHECK_THROWS_AS(pairs_of_halves(1), InputError);
  CHECK_THROWS_AS(pairs_of_halves(0), InputError);
}

TEST_CASE("pairs must be in the job and must not share a rank") {
  CHECK_NOTHROW(check_pairs({{0, 1}, {3, 2}}, 4));
  std::string message;
  try {
    check_pairs({{0, 1}, {3, 2}}, 3);
  } catch (const InputError& error) {
    message = error.what();
  }
  for (const auto* part : {"pair 3,2", "3 ranks", "-np 4"})
    CHECK(message.find(part) != std::string::npos);
  CHECK_THROWS_AS(check_pairs({{1, 1}}, 2), InputError);
  CHECK_THROWS_AS(check_pairs({{0, 1}, {1, 2}}, 3), InputError);
  CHECK_THROWS_AS(check_pairs({{0, 1}}, 1), InputError);
}
