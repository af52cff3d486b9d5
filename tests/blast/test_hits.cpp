#include "apps/blast/hits.hpp"
#include "bench/error.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace migbench::blast;

namespace {

std::string line(int query, int subject, const std::string& evalue, int score) {
  return std::to_string(query) + "\t" + std::to_string(subject) +
         "\t99.0\t10\t0\t0\t1\t10\t1\t10\t" + evalue + "\t20.1\t" + std::to_string(score) + "\n";
}

std::vector<std::uint64_t> subjects(const QueryHits& hits) {
  std::vector<std::uint64_t> list;
  for (const auto& subject : hits.subjects)
    list.push_back(subject.subject);
  return list;
}

}  // namespace

TEST_CASE("alignments of one subject stay together, in the engine's order") {
  const auto parts = parse_hits(line(0, 7, "1e-10", 50) + line(0, 7, "1e-20", 90) +
                                line(0, 3, "2e-5", 30) + line(4, 7, "0.0", 900));
  REQUIRE(parts.size() == 2);
  REQUIRE(parts[0].subjects.size() == 2);
  CHECK(parts[0].subjects[0].lines.size() == 2);
  CHECK(parts[0].subjects[0].best_evalue == 1e-20);
  CHECK(parts[0].subjects[0].best_score == 90);
  CHECK(parts[1].query == 4);
  CHECK(parts[0].subjects[1].lines[0] == "99.0\t10\t0\t0\t1\t10\t1\t10\t2e-5\t20.1");
}

TEST_CASE("merged subjects are ordered by E-value, raw score, and from the back of the database") {
  QueryHits all;
  for (auto& part : parse_hits(line(0, 1, "1e-5", 40) + line(0, 2, "0.0", 500)))
    add_hits(all, part);
  for (auto& part :
       parse_hits(line(0, 8, "1e-5", 41) + line(0, 9, "0.0", 500) + line(0, 7, "1e-5", 40)))
    add_hits(all, part);
  order_hits(all, 10);
  CHECK(subjects(all) == std::vector<std::uint64_t>{9, 2, 8, 7, 1});
  order_hits(all, 3);
  CHECK(subjects(all) == std::vector<std::uint64_t>{9, 2, 8});
}

TEST_CASE("a line that is no hit is quoted, not guessed at") {
  CHECK_THROWS_AS(parse_hits("0\t1\t99\n"), Error);
  CHECK_THROWS_AS(parse_hits(line(0, 1, "1e-5", 40) + "# 0 hits found\n"), Error);
  CHECK_THROWS_AS(parse_hits("x" + line(0, 1, "1e-5", 40)), Error);
  CHECK_THROWS_AS(parse_hits(line(0, 1, "small", 40)), Error);
  CHECK(parse_hits("").empty());
}
