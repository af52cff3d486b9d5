#include <ctime>

#include "bench/clock.hpp"
#include "bench/pacer.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace std::chrono_literals;

TEST_CASE("no slot is due before its deadline, and deadlines do not drift") {
  const std::int64_t start = deadline_now_ns() + 1'000'000;
  Pacer pacer(start, 2ms, 20us);
  for (int i = 0; i < 20; ++i) {
    const auto slot = pacer.wait();
    CHECK(slot.deadline_ns == start + static_cast<std::int64_t>(slot.index) * 2'000'000);
    CHECK(slot.late_ns >= 0);
    CHECK(deadline_now_ns() >= slot.deadline_ns);
  }
}

TEST_CASE("a stalled caller skips slots, is told how many, and gets no burst") {
  const std::int64_t start = deadline_now_ns();
  Pacer pacer(start, 5ms, 0us);
  (void)pacer.wait();
  const std::int64_t until = deadline_now_ns() + 33'000'000;
  while (deadline_now_ns() < until) {
  }
  const auto late = pacer.wait();
  CHECK(late.skipped >= 5);
  CHECK(late.index >= 6);
  CHECK(pacer.skipped() == late.skipped);
  // The slot after the stall is one interval later, not at once.
  const auto next = pacer.wait();
  CHECK(next.index + next.skipped > late.index);
  CHECK(deadline_now_ns() >= start + static_cast<std::int64_t>(next.index) * 5'000'000);
}

TEST_CASE("the measuring clock has a resolution and a cost") {
  const auto facts = measure_clock();
  CHECK(facts.resolution_ns >= 1);
  CHECK(facts.read_cost_ns > 0);
}
