#include "apps/blast/tasks.hpp"
#include "bench/error.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace migbench::blast;

TEST_CASE("fragments are spread over the workers, and replicas lie on different ones") {
  const auto once = assign_fragments(5, 2, 1);
  CHECK(once == std::vector<std::set<std::size_t>>{{0, 2, 4}, {1, 3}});
  const auto twice = assign_fragments(3, 3, 2);
  CHECK(twice == std::vector<std::set<std::size_t>>{{0, 2}, {0, 1}, {1, 2}});
  CHECK(assign_fragments(2, 2, 9) == std::vector<std::set<std::size_t>>{{0, 1}, {0, 1}});
}

TEST_CASE("a worker is given what it holds before what it would have to fetch") {
  TaskTable table(2, 2, assign_fragments(2, 2, 1));
  CHECK(table.next(1) == Task{0, 1});
  CHECK(table.finished(1, {0, 1}));
  CHECK(table.next(1) == Task{1, 1});
  CHECK(table.finished(1, {1, 1}));
  CHECK(table.next(1) == Task{0, 0});  // its own are done: it helps
  CHECK(table.next(0) == Task{1, 0});
  CHECK_FALSE(table.next(0));
  CHECK(table.finished(0, {1, 0}));
  CHECK_FALSE(table.batch_done(0));
  CHECK(table.finished(1, {0, 0}));
  CHECK(table.batch_done(0));
  CHECK(table.done());
}

TEST_CASE("what a dead worker was at goes to another, and its late answer counts once") {
  TaskTable table(1, 1, assign_fragments(1, 2, 1));
  REQUIRE(table.next(0) == Task{0, 0});
  CHECK_FALSE(table.next(1));
  table.lost(0);
  CHECK(table.alive() == 1);
  CHECK_FALSE(table.next(0));
  REQUIRE(table.next(1) == Task{0, 0});
  CHECK(table.finished(0, {0, 0}));        // it was only slow
  CHECK_FALSE(table.finished(1, {0, 0}));  // the second answer is not merged again
  CHECK(table.done());
  CHECK(table.repeated() == 1);
}

TEST_CASE("a search that fails again and again ends the run with the engine's words") {
  TaskTable table(1, 1, assign_fragments(1, 1, 1));
  for (int i = 1; i < TaskTable::kMostFailures; ++i) {
    REQUIRE(table.next(0));
    table.failed(0, {0, 0}, "no space");
  }
  REQUIRE(table.next(0));
  CHECK_THROWS_AS(table.failed(0, {0, 0}, "no space"), Error);
}

TEST_CASE("every task is handed out exactly once, whoever asks") {
  constexpr std::size_t kBatches = 7, kFragments = 5, kWorkers = 3;
  TaskTable table(kBatches, kFragments, assign_fragments(kFragments, kWorkers, 2));
  std::set<std::pair<std::size_t, std::size_t>> seen;
  for (std::size_t turn = 0; !table.done(); ++turn) {
    const std::size_t worker = (turn * turn + turn / 3) % kWorkers;
    const auto task = table.next(worker);
    REQUIRE(task);
    CHECK(seen.emplace(task->batch, task->fragment).second);
    CHECK(table.finished(worker, *task));
  }
  CHECK(seen.size() == kBatches * kFragments);
}

TEST_CASE("batches: four turns a worker, fewer where a start of the engine would outweigh them") {
  // Long queries: 2 workers x 4 turns over 4 fragments are 2 batches.
  CHECK(choose_batch(200, 2'000'000, 2, 4) == 100);
  // The same number of short ones: all in one batch, 4 tasks.
  CHECK(choose_batch(200, 80'000, 2, 4) == 200);
  // With many workers no fewer tasks than workers.
  CHECK(choose_batch(64, 25'600, 31, 8) == 16);
  CHECK(choose_batch(3, 900, 2, 4) >= 3);
  CHECK(choose_batch(0, 0, 2, 4) > 0);
  CHECK(choose_batch(50, 0, 2, 4) >= 8);
}
