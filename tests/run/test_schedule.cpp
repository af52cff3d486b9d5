#include <algorithm>
#include <map>
#include <set>

#include "harness/run/schedule.hpp"
#include "tests/catch.hpp"

using namespace migbench;

namespace {

FinishedTrial seen(double value, Outcome outcome = Outcome::ok) {
  return {outcome, 1.0, {{"time {}", value}}};
}

std::vector<FinishedTrial> times(std::vector<double> values) {
  std::vector<FinishedTrial> trials;
  for (const double value : values)
    trials.push_back(seen(value));
  return trials;
}

}  // namespace

TEST_CASE("the order of a round is fixed by the seed, and every cell is in it once") {
  // Golden: a resumed run relies on it, also with another compiler.
  CHECK(round_order(42, 1, 6) == std::vector<std::size_t>{0, 1, 4, 5, 3, 2});
  CHECK(round_order(42, 2, 6) == std::vector<std::size_t>{3, 0, 4, 1, 2, 5});
  for (std::uint64_t round = 1; round < 50; ++round) {
    auto order = round_order(7, round, 9);
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < order.size(); ++i)
      REQUIRE(order[i] == i);
  }
  CHECK(round_order(1, 1, 0).empty());
}

TEST_CASE("cells of one key follow each other from where the first of them stood") {
  const std::vector<std::string> keys{"a", "b", "a", "c", "b"};
  CHECK(grouped({4, 2, 3, 1, 0}, keys) == std::vector<std::size_t>{4, 1, 2, 0, 3});
  CHECK(grouped({}, keys).empty());
}

TEST_CASE("all orders are about equally likely") {
  std::map<std::vector<std::size_t>, int> counts;
  for (std::uint64_t round = 1; round <= 6000; ++round)
    ++counts[round_order(5, round, 3)];
  REQUIRE(counts.size() == 6);
  // 1000 each expected, standard deviation 29; fixed seed, so this cannot fail by chance.
  for (const auto& [order, count] : counts)
    CHECK(std::abs(count - 1000) < 120);
}

TEST_CASE("a cell is closed when all its main metrics are narrow, and not before") {
  const Repetitions rule{6, 20, 0.1, 3};
  CHECK(judge_cell(rule, times({10, 10, 10, 10, 10})) == Closed::no);
  CHECK(judge_cell(rule, times({10, 10.2, 10, 9.9, 10.1, 10})) == Closed::narrow_enough);
  CHECK(judge_cell(rule, times({10, 15, 10, 9.9, 10.1, 10})) == Closed::no);

  auto trials = times({10, 10, 10, 10, 10, 10});
  for (std::size_t i = 0; i < trials.size(); ++i)
    trials[i].main["other {}"] = i % 2 == 0 ? 1 : 2;
  CHECK(judge_cell(rule, trials) == Closed::no);
  // Without an interval there is nothing narrow: five trials never do.
  CHECK(judge_cell({5, 20, 0.1, 3}, times({1, 1, 1, 1, 1})) == Closed::no);
  CHECK(judge_cell({6, 20, 0, 3}, times({1, 1, 1, 1, 1, 1, 1})) == Closed::no);
}

TEST_CASE("most trials, failures in a row and unsupported close a cell") {
  const Repetitions rule{2, 4, 0.1, 3};
  CHECK(judge_cell(rule, times({1, 5, 9, 13})) == Closed::most_trials);
  const auto failed = [] { return seen(0, Outcome::failed); };
  CHECK(judge_cell(rule, std::vector{failed(), failed()}) == Closed::no);
  CHECK(judge_cell(rule, std::vector{failed(), failed(), failed()}) == Closed::failing);
  CHECK(judge_cell({6, 9, 0.1, 3}, std::vector{failed(), failed(), seen(1), failed()}) ==
        Closed::no);
  CHECK(judge_cell(rule, std::vector{seen(0, Outcome::unsupported)}) == Closed::unsupported);
}

TEST_CASE("suspect and failed trials make no interval narrow") {
  std::vector<FinishedTrial> trials(6, seen(10));
  trials[3].outcome = Outcome::suspect;
  CHECK(judge_cell({6, 20, 0.1, 3}, trials) == Closed::no);
  trials.push_back(seen(10));
  CHECK(judge_cell({6, 20, 0.1, 3}, trials) == Closed::narrow_enough);
}

TEST_CASE("several moves of one trial are one observation") {
  Record record;
  for (const double value : {5.0, 50.0, 6.0})
    record.metrics.push_back(
        {"migration-time", {{"migration", record.metrics.size() + 1}}, value, "ms"});
  record.metrics.push_back({"phase-dump", {}, 1, "ms"});
  record.metrics.push_back({"downtime-pause", nlohmann::json::object(), 1, "ms"});
  record.metrics.push_back({"downtime-best", nlohmann::json::object(), 4, "ms"});
  const auto observation = observe(record);
  REQUIRE(observation.main.size() == 2);
  CHECK(observation.main.at("migration-time {}") == 6);
  CHECK(observation.main.at("downtime-best {}") == 4);
}
