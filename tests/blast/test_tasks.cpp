#include "apps/blast/tasks.hpp"
#include "bench/error.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace migbench::blast;

using Fragments = std::vector<std::size_t>;

TEST_CASE("fragments are spread over the workers, and replicas lie on different ones") {
  const auto once = assign_fragments(5, 2, 1);
  CHECK(once == std::vector<std::set<std::size_t>>{{0, 2, 4}, {1, 3}});
  const auto twice = assign_fragments(3, 3, 2);
  CHECK(twice == std::vector<std::set<std::size_t>>{{0, 2}, {0, 1}, {1, 2}});
  CHECK(assign_fragments(2, 2, 9) == std::vector<std::set<std::size_t>>{{0, 1}, {0, 1}});
}

TEST_CASE("a worker is given what it holds before what it would have to fetch") {
  TaskTable table(2, 2, assign_fragments(2, 2, 1));
  CHECK(table.next(1) == Task{0, {1}});
  CHECK(table.finished(1, {0, {1}}) == Fragments{1});
  CHECK(table.next(1) == Task{1, {1}});
  CHECK(table.finished(1, {1, {1}}) == Fragments{1});
  CHECK(table.next(1) == Task{0, {0}});  // its own are done: it helps
  CHECK(table.next(0) == Task{1, {0}});
  CHECK_FALSE(table.next(0));
  CHECK(table.finished(0, {1, {0}}) == Fragments{0});
  CHECK_FALSE(table.batch_done(0));
  CHECK(table.finished(1, {0, {0}}) == Fragments{0});
  CHECK(table.batch_done(0));
  CHECK(table.done());
}

TEST_CASE("fragments that one engine searches together are of one batch, and held") {
  TaskTable table(2, 5, assign_fragments(5, 2, 1), 3);
  CHECK(table.next(0) == Task{0, {0, 2, 4}});
  CHECK(table.next(1) == Task{0, {1, 3}});
  CHECK(table.next(1) == Task{1, {1, 3}});
  table.lost(1);
  CHECK(table.repeated() == 2);
  (void)table.finished(0, {0, {0, 2, 4}});
  CHECK(table.next(0) == Task{1, {0, 2, 4}});
  (void)table.finished(0, {1, {0, 2, 4}});
  // What has to be fetched comes one by one, and is held from then on.
  CHECK(table.next(0) == Task{1, {1}});
}

TEST_CASE("what a dead worker was at goes to another, and its late answer counts once") {
  TaskTable table(1, 2, assign_fragments(2, 2, 2), 2);
  REQUIRE(table.next(0) == Task{0, {0, 1}});
  CHECK_FALSE(table.next(1));
  table.lost(0);
  CHECK(table.alive() == 1);
  CHECK_FALSE(table.next(0));
  REQUIRE(table.next(1) == Task{0, {0, 1}});
  CHECK(table.finished(0, {0, {0, 1}}) == Fragments{0, 1});  // it was only slow
  CHECK(table.finished(1, {0, {0, 1}}).empty());  // the second answer is not merged again
  CHECK(table.done());
  CHECK(table.repeated() == 2);
}

TEST_CASE("of an answer of which a part came from elsewhere, only the rest is merged") {
  TaskTable table(1, 2, assign_fragments(2, 3, 2), 2);
  REQUIRE(table.next(1) == Task{0, {0, 1}});
  table.lost(1);
  REQUIRE(table.next(2) == Task{0, {1}});
  CHECK(table.finished(2, {0, {1}}) == Fragments{1});
  CHECK(table.finished(1, {0, {0, 1}}) == Fragments{0});
  CHECK(table.done());
}

TEST_CASE("a search that fails again and again ends the run with the engine's words") {
  TaskTable table(1, 1, assign_fragments(1, 1, 1));
  for (int i = 1; i < TaskTable::kMostFailures; ++i) {
    REQUIRE(table.next(0));
    table.failed(0, {0, {0}}, "no space");
  }
  REQUIRE(table.next(0));
  CHECK_THROWS_AS(table.failed(0, {0, {0}}, "no space"), Error);
}

TEST_CASE("every batch meets every fragment exactly once, whoever asks") {
  constexpr std::size_t kBatches = 7, kFragments = 5, kWorkers = 3;
  for (const std::size_t together : {1UL, 2UL, 5UL}) {
    TaskTable table(kBatches, kFragments, assign_fragments(kFragments, kWorkers, 2), together);
    std::set<std::pair<std::size_t, std::size_t>> seen;
    for (std::size_t turn = 0; !table.done(); ++turn) {
      const std::size_t worker = (turn * turn + turn / 3) % kWorkers;
      const auto task = table.next(worker);
      REQUIRE(task);
      CHECK(task->fragments.size() <= together);
      for (const std::size_t fragment : task->fragments)
        CHECK(seen.emplace(task->batch, fragment).second);
      CHECK(table.finished(worker, *task) == task->fragments);
    }
    CHECK(seen.size() == kBatches * kFragments);
  }
}

TEST_CASE("a search is cut so that starts of engines and waiting for the last task are balanced") {
  // Over in less than some starts: one turn a worker, all its fragments at once.
  CHECK(choose_cut(200, 0.2, 2, 4) == Cut{200, 2});
  CHECK(choose_cut(200, 0.2, 2, 5) == Cut{200, 3});
  // 8 s for each of two workers: 8 turns, which are 4 batches with each of 4 fragments.
  CHECK(choose_cut(200, 16, 2, 4) == Cut{50, 1});
  // More workers than fragments: no fewer tasks than workers.
  CHECK(choose_cut(64, 0.2, 31, 8) == Cut{16, 1});
  CHECK(choose_cut(3, 900, 2, 4) == Cut{8, 1});
  CHECK(choose_cut(0, 0, 2, 4).batch > 0);
}
