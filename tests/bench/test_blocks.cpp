#include "bench/blocks.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

StoppingRule rule(std::size_t fewest, std::size_t most, Nanoseconds budget) {
  StoppingRule r;
  r.fewest = fewest;
  r.most = most;
  r.budget = budget;
  return r;
}

}  // namespace

TEST_CASE("the first block is what the rule wants, later ones double") {
  const auto r = rule(100, 100'000, 10s);
  CHECK(next_block(r, {0, 1'000'000, 0ns, 1000}) == 100);
  CHECK(next_block(r, {60, 1'000'000, 1ms, 1000}) == 40);
  CHECK(next_block(r, {100, 1'000'000, 1ms, 1000}) == 100);
  CHECK(next_block(r, {1600, 1'000'000, 1ms, 1000}) == 1600);
}

TEST_CASE("a block fits the store, the rule, the budget and a tenth of a second") {
  const auto r = rule(100, 2000, 1s);
  CHECK(next_block(r, {1600, 1'000'000, 1ms, 1000}) == 400);
  CHECK(next_block(r, {1000, 50, 1ms, 1000}) == 50);
  CHECK(next_block(r, {1000, 1'000'000, 1s - 10us, 1000}) == 10);
  CHECK(next_block(r, {1000, 1'000'000, 0s, 1e6}) == 100);
  CHECK(next_block(r, {0, 1'000'000, 0s, 1e12}) == 1);
  CHECK(next_block(r, {1000, 1'000'000, 5s, 1000}) == 1);
  CHECK(next_block(r, {1000, 1'000'000, 0s, 0}) == 1);
  CHECK(next_block(rule(1'000'000, 1'000'000, Nanoseconds::max()), {0, 1'000'000, 0s, 250}) ==
        400'000);
}

TEST_CASE("an automatic batch takes milliseconds and leaves room for ten") {
  CHECK(automatic_batch(1s, 250) == 20'000);
  CHECK(automatic_batch(20ms, 250) == 8'000);
  CHECK(automatic_batch(1s, 1e9) == 1);
  CHECK(automatic_batch(1s, 0) == 1);
}
