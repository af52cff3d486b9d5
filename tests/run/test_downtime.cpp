#include "bench/error.hpp"
#include "harness/run/downtime.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using nlohmann::json;

namespace {

json estimates(std::int64_t base) {
  return {{"lost_interval", {{"value_ns", base}}},
          {"lost_run", {{"value_ns", base + 1'000'000}}},
          {"service_gap", {{"value_ns", base + 2'000'000}}},
          {"pause", {{"value_ns", base + 3'000'000}}}};
}

json outage(std::int64_t start, std::int64_t end) {
  return {{"start_ns", start},
          {"end_ns", end},
          {"downtime", {{"value_ns", end - start}}},
          {"estimators", estimates(end - start)}};
}

double value(const std::vector<Metric>& metrics, const std::string& name, const json& point) {
  for (const auto& metric : metrics)
    if (metric.name == name && metric.point == point) return metric.value;
  FAIL(name << " is missing");
  return 0;
}

constexpr std::int64_t kMs = 1'000'000;

}  // namespace

TEST_CASE("a move gives its time and its phases, stretches of one name added up") {
  MoveResult move{10 * kMs, 40 * kMs};
  move.phases = {
      {"dump", 10 * kMs, 15 * kMs}, {"restore", 20 * kMs, 30 * kMs}, {"dump", 30 * kMs, 31 * kMs}};
  const auto metrics = move_metrics({move});
  REQUIRE(metrics.size() == 3);
  CHECK(value(metrics, "migration-time", json::object()) == 30);
  CHECK(value(metrics, "phase-dump", json::object()) == 6);
  CHECK(value(metrics, "phase-restore", json::object()) == 10);
}

TEST_CASE("several moves are told apart, and one that failed gives no time") {
  const auto metrics =
      move_metrics({{0, 5 * kMs}, {6 * kMs, 9 * kMs, false, "full"}, {10 * kMs, 12 * kMs}});
  REQUIRE(metrics.size() == 2);
  CHECK(value(metrics, "migration-time", {{"migration", 1}}) == 5);
  CHECK(value(metrics, "migration-time", {{"migration", 3}}) == 2);
}

TEST_CASE("each move gets the longest outage after its request, by every estimator") {
  const json probe{{"outages",
                    {outage(0, 90 * kMs), outage(110 * kMs, 130 * kMs),
                     outage(150 * kMs, 155 * kMs), outage(310 * kMs, 340 * kMs)}},
                   {"estimators", estimates(90 * kMs)},
                   {"downtime", {{"value_ns", 90 * kMs}}}};
  const auto metrics = downtime_metrics(
      probe, {{100 * kMs, 140 * kMs}, {300 * kMs, 350 * kMs}, {400 * kMs, 410 * kMs}});
  REQUIRE(metrics.size() == 15);
  CHECK(value(metrics, "downtime-best", {{"migration", 1}}) == 20);
  CHECK(value(metrics, "downtime-lost", {{"migration", 1}}) == 20);
  CHECK(value(metrics, "downtime-run", {{"migration", 1}}) == 21);
  CHECK(value(metrics, "downtime-gap", {{"migration", 2}}) == 32);
  CHECK(value(metrics, "downtime-pause", {{"migration", 2}}) == 33);
  CHECK(value(metrics, "downtime-best", {{"migration", 3}}) == 0);
}

TEST_CASE("a control gives the floor: what the probe saw in the whole run") {
  const json probe{
      {"outages", json::array()}, {"estimators", estimates(0)}, {"downtime", {{"value_ns", 0}}}};
  const auto metrics = downtime_metrics(probe, {});
  REQUIRE(metrics.size() == 5);
  CHECK(value(metrics, "downtime-gap", json::object()) == 2);
}

TEST_CASE("a document that is none of the probe is an error") {
  CHECK_THROWS_AS(downtime_metrics({{"x", 1}}, {}), Error);
  CHECK_THROWS_AS(downtime_metrics({{"outages", {{{"start_ns", "soon"}}}}}, {{1, 2}}), Error);
}

namespace {

json doubtful(std::int64_t start, std::int64_t end, const char* doubt) {
  json seen = outage(start, end);
  seen["suspect"] = json::array({doubt});
  return seen;
}

json doubtful_probe() {
  return {{"outages",
           {doubtful(0, 90 * kMs, "early"), doubtful(110 * kMs, 130 * kMs, "short"),
            doubtful(140 * kMs, 180 * kMs, "taken")}},
          {"options", {{"threshold_ns", 5 * kMs}}},
          {"sender", {{"stalls", json::array()}}},
          {"suspect_run", json::array()}};
}

json stall(std::int64_t start, std::int64_t end) {
  return {{"start_ns", start}, {"end_ns", end}};
}

using Reasons = std::vector<std::string>;

}  // namespace

TEST_CASE("only doubts of the outages that downtimes were taken from count") {
  json probe = doubtful_probe();
  CHECK(suspicions(probe, {{100 * kMs, 200 * kMs}}) == Reasons{"taken"});
  CHECK(suspicions(probe, {}) == Reasons{"early"});
  CHECK(suspicions(probe, {{200 * kMs, 210 * kMs}}).empty());
  CHECK(suspicions(probe, {{0, kMs}, {100 * kMs, 200 * kMs}}) == Reasons{"early", "taken"});
  probe["suspect_run"] = {"the clock was stepped"};
  CHECK(suspicions(probe, {{200 * kMs, 210 * kMs}}) == Reasons{"the clock was stepped"});
  CHECK_THROWS_AS(suspicions({{"outages", 1}}, {}), Error);
}

TEST_CASE("a stall of the sender counts where it could hide a longer outage than was seen") {
  json probe = doubtful_probe();
  probe["outages"][2]["suspect"] = json::array();
  const std::vector<MoveResult> move{{100 * kMs, 200 * kMs}};
  probe["sender"]["stalls"] = {stall(0, 80 * kMs), stall(185 * kMs, 195 * kMs)};
  CHECK(suspicions(probe, move).empty());  // before the move, or shorter than its outage of 40 ms
  probe["sender"]["stalls"] = {stall(185 * kMs, 230 * kMs)};
  REQUIRE(suspicions(probe, move).size() == 1);
  CHECK(suspicions(probe, move)[0].find("stalled for 45.0 ms") != std::string::npos);
  probe["outages"] = json::array();
  probe["sender"]["stalls"] = {stall(185 * kMs, 188 * kMs)};
  CHECK(suspicions(probe, move).empty());  // below the probe's threshold
}
