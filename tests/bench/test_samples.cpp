#include <malloc.h>

#include "bench/samples.hpp"
#include "bench/stopping.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace std::chrono_literals;

TEST_CASE("a full store keeps what it has and counts the rest") {
  SampleStore store(3);
  for (int i = 1; i <= 5; ++i)
    store.add(i);
  CHECK(store.full());
  CHECK(store.overflow() == 2);
  CHECK(std::vector<std::int64_t>(store.values().begin(), store.values().end()) ==
        std::vector<std::int64_t>{1, 2, 3});
  store.clear();
  CHECK(store.size() == 0);
  CHECK(store.overflow() == 0);
}

TEST_CASE("adding a sample allocates nothing") {
  SampleStore store(100'000);
  const auto before = mallinfo2();
  for (int i = 0; i < 200'000; ++i)
    store.add(i);
  const auto after = mallinfo2();
  CHECK(after.uordblks == before.uordblks);
  CHECK(after.hblkhd == before.hblkhd);
}

TEST_CASE("an adaptive measurement ends for the first reason that holds") {
  StoppingRule rule{.relative_width = 0.1, .fewest = 10, .most = 50, .budget = 1s};
  const std::vector<std::int64_t> equal(20, 100);
  CHECK(judge(rule, equal, 0s) == Stopped::narrow_enough);
  CHECK(judge(rule, std::span(equal).first(9), 0s) == Stopped::not_yet);
  CHECK(judge(rule, std::span(equal).first(9), 1s) == Stopped::budget_spent);

  std::vector<std::int64_t> wide;
  wide.reserve(50);
  for (int i = 0; i < 50; ++i)
    wide.push_back(i % 2 == 0 ? 100 : 300);
  CHECK(judge(rule, std::span(wide).first(40), 0s) == Stopped::not_yet);
  CHECK(judge(rule, wide, 0s) == Stopped::most_samples);
  rule.relative_width = 0;  // only the budget counts
  CHECK(judge(rule, equal, 0s) == Stopped::not_yet);
}
