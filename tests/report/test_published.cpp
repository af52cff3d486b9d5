// What was published, beside what a run measured.
#include <nlohmann/json.hpp>

#include "harness/report/layout.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using nlohmann::json;

TEST_CASE("what was published in words stands in a table of its own, never as a number") {
  const json common{{"metric", "bandwidth"}, {"source", "a study"},       {"hardware", "a cluster"},
                    {"place", "Fig. 2"},     {"label", "other hardware"}, {"ours", nullptr}};
  json number = common;
  number.update({{"workload", "a"}, {"environment", "native"}, {"value", 5.5}, {"unit", "GB/s"}});
  json finding = common;
  finding.update(
      {{"workload", "b"}, {"environment", "sriov"}, {"finding", "large messages near native"}});

  const auto both = published_tables({{"published", {number, finding}}});
  REQUIRE(both.size() == 2);
  CHECK(both[0].rows.size() == 1);
  REQUIRE(both[1].rows.size() == 1);
  CHECK(both[1].rows[0][1].text == "large messages near native");
  CHECK(both[1].caption.find("other hardware") != std::string::npos);
  CHECK(both[1].notes == std::vector<std::string>{"a study; there: a cluster"});

  CHECK(published_tables({{"published", {finding}}}).size() == 1);
  CHECK(published_tables({{"published", json::array()}}).empty());
}
