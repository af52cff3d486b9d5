// A move is made while the workload measures, and the ranks leave evidence of where they ran.
#include <fmt/format.h>

#include "bench/sha256.hpp"
#include "tests/catch.hpp"
#include "tests/run/runs.hpp"

using namespace migbench;
using namespace migbench::testing;
using nlohmann::json;

namespace {

Record moved(const std::string& parameters) {
  const auto records = records_of(plan_of(fmt::format(
      R"({{"name": "e", "environment": "fake", "workload": "fake-prepared", "repetitions": 1,
           "technique": "fake-move", "probe": null, "parameters": {{{}}}}})",
      parameters)));
  REQUIRE(records.size() == 1);
  return records[0];
}

}  // namespace

TEST_CASE("a move waits until the workload says that it measures") {
  const TemporaryDirectory directory;
  const auto mark = (directory.path() / "prepared").string();
  const Record record = moved(fmt::format(R"("prepare": "0.5", "mark": "{}")", mark));
  INFO(record.reason);
  REQUIRE(record.outcome == Outcome::ok);
  CHECK(record.migrations.at(0).facts.at("marked") == true);
}

TEST_CASE("a workload that has measured is not moved, though it still runs") {
  const Record record = moved(R"("prepare": "0", "measure": "0", "linger": "2")");
  // It may have been seen before it said so: then the settling of 1 ms was too short to tell.
  if (record.migrations.empty())
    CHECK(record.reason.find("ended before it was moved") != std::string::npos);
  const auto records = records_of(plan_of(
      R"({"name": "e", "environment": "fake", "workload": "fake-prepared", "repetitions": 1,
          "technique": "fake-move", "probe": null, "settle": "500ms",
          "parameters": {"prepare": "0", "measure": "0", "linger": "3"}})"));
  REQUIRE(records.size() == 1);
  CHECK(records[0].migrations.empty());
  CHECK(records[0].reason.find("ended before it was moved") != std::string::npos);
}

TEST_CASE("a workload that fails while it prepares tells why itself") {
  const Record record = moved(R"("prepare": "0", "status": 3)");
  CHECK(record.outcome == Outcome::failed);
  CHECK(record.reason.find("exit status 3") != std::string::npos);
}

TEST_CASE("a placed job leaves evidence in the record, and none of it among its complaints") {
  const auto records = records_of(plan_of(
      R"({"name": "e", "environment": "fake", "workload": "fake-prepared", "repetitions": 1,
          "parameters": {"prepare": "0", "measure": "0", "placement": ["core", "free"]}})"));
  REQUIRE(records.size() == 2);
  for (const Record& record : records) {
    INFO(record.reason);
    REQUIRE(record.outcome == Outcome::ok);
    const json& evidence = record.evidence;
    const bool bound = record.cell.settings().at("placement") == "core";
    CHECK(evidence.at("placement") == (bound ? "core" : "free"));
    CHECK(evidence.at("complete") == true);
    REQUIRE(evidence.at("ranks").size() == 1);
    const json& rank = evidence.at("ranks")[0];
    CHECK(rank.at("program") == "/bin/sh");
    CHECK(rank.at("sha256") == sha256_of_file("/bin/sh"));
    CHECK(rank.at("cpus") == rank.at("machine_cpus"));
    CHECK(evidence.at("build").at("flags") == "-O9");
    CHECK(record.document.at("complaints").get<std::string>().empty());
    // Read back, it is the same.
    CHECK(record_from_json(to_json(record), "test").evidence == evidence);
  }
}
