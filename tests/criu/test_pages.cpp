// memory-writer's pages and mpi-iterations' ring: a result that is wrong must be seen to be wrong.
#include <algorithm>
#include <cstring>
#include <vector>

#include "apps/memory_writer/pages.hpp"
#include "apps/mpi_iterations/ring.hpp"
#include "apps/mpi_iterations/timeline.hpp"
#include "tests/catch.hpp"

using namespace migbench;

TEST_CASE("pages stay intact however often they are rewritten") {
  Pages pages(Bytes{10 * kPageBytes + 17});
  REQUIRE(pages.count() == 10);
  CHECK(pages.check_all().bad == 0);
  for (int i = 0; i < 25; ++i)
    CHECK_FALSE(pages.rewrite_next().has_value());
  CHECK(pages.written() == 25);
  CHECK(pages.check_all().bad == 0);
}

TEST_CASE("a lost page, a flipped bit, a torn page and an old page are found") {
  Pages pages(Bytes{8 * kPageBytes});
  std::vector<std::uint64_t> old(pages.words(2), pages.words(2) + kPageWords);
  for (int i = 0; i < 11; ++i)
    (void)pages.rewrite_next();
  const auto bad_page = [&pages](std::size_t page) {
    const auto verdict = pages.check_all();
    return verdict.bad == 1 && verdict.first->page == page;
  };
  std::uint64_t* word = pages.words(2);
  const std::vector<std::uint64_t> good(word, word + kPageWords);

  std::memset(word, 0, kPageBytes);  // lost: a page that was never restored is zero
  CHECK(bad_page(2));
  CHECK(pages.check(2)->word == 0);
  std::copy(good.begin(), good.end(), word);
  CHECK(pages.check_all().bad == 0);

  word[kPageWords - 1] ^= 1ULL << 63U;
  CHECK(bad_page(2));
  CHECK(pages.check(2)->word == kPageWords - 1);
  std::copy(good.begin(), good.end(), word);

  std::copy(old.begin() + 256, old.end(), word + 256);  // torn: half of it is a generation old
  CHECK(bad_page(2));
  CHECK(pages.check(2)->word == 256);

  std::copy(old.begin(), old.end(), word);  // all of it
  CHECK(bad_page(2));
  CHECK(describe(*pages.check(2)).rfind("page 2, word 0: ", 0) == 0);
  // The writer finds it, too, when it comes to it.
  for (int i = 0; i < 7; ++i)
    CHECK_FALSE(pages.rewrite_next().has_value());
  CHECK(pages.rewrite_next()->page == 2);
}

TEST_CASE("two pages that were exchanged are found") {
  Pages pages(Bytes{4 * kPageBytes});
  std::swap_ranges(pages.words(1), pages.words(1) + kPageWords, pages.words(3));
  CHECK(pages.check_all().bad == 2);
}

namespace {

/// `ranks` stretches, stepped as the program does it, with a mistake in one iteration.
std::uint64_t stepped(int ranks, std::size_t cells, int iterations, int stale_halo_at = -1) {
  std::vector<Stretch> stretches;
  for (int rank = 0; rank < ranks; ++rank)
    stretches.emplace_back(static_cast<std::uint64_t>(rank) * cells, cells);
  const auto total_of = [&stretches] {
    std::uint64_t total = 0;
    for (const Stretch& stretch : stretches)
      total += stretch.sum();
    return total;
  };
  std::uint64_t before = 0;
  for (int k = 0; k < iterations; ++k) {
    const std::uint64_t total = total_of();
    std::vector<std::uint64_t> left, right;
    for (std::size_t r = 0; r < stretches.size(); ++r) {
      left.push_back(stretches[(r + stretches.size() - 1) % stretches.size()].rightmost());
      right.push_back(stretches[(r + 1) % stretches.size()].leftmost());
    }
    if (k == stale_halo_at) left[0] = before;
    before = left[0];
    for (std::size_t r = 0; r < stretches.size(); ++r)
      stretches[r].step(left[r], right[r], total);
  }
  return total_of();
}

}  // namespace

TEST_CASE("the ring's result does not depend on how it is cut") {
  CHECK(stepped(3, 8, 50) == sum_after(24, 50));
  CHECK(stepped(1, 24, 50) == sum_after(24, 50));
  CHECK(stepped(24, 1, 50) == sum_after(24, 50));
  CHECK(sum_after(24, 50) != sum_after(24, 51));
}

TEST_CASE("one halo that is an iteration old makes the result wrong") {
  CHECK(stepped(3, 8, 50, 20) != sum_after(24, 50));
}

TEST_CASE("an iteration lasts as long as the rank that saw it longest says") {
  // Rank 1 was moved in iteration 2 and its clock hid it; it saw iteration 4 longest.
  const auto timeline = lay_together({{100, 100, 5000, 100, 110}, {100, 101, 90, 100, 120}});
  CHECK(timeline.iterations_ns == std::vector<std::int64_t>{100, 101, 5000, 100, 120});
  CHECK(timeline.longest_ns == 5000);
  CHECK(timeline.longest_at == 2);
  CHECK(timeline.median_ns == 101);
  CHECK(timeline.lost_ns == 4899);
  CHECK(timeline.longest_of_rank_ns == std::vector<std::int64_t>{5000, 120});
  CHECK(timeline.lost_iterations() == Approx(4899.0 / 101.0));
  CHECK(lay_together({}).longest_ns == 0);
}
