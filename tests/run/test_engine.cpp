// Trials and runs on the fake site, which needs no rights.
#include <algorithm>
#include <map>

#include "bench/error.hpp"
#include "harness/run/schedule.hpp"
#include "tests/catch.hpp"
#include "tests/run/runs.hpp"

using namespace migbench;
using namespace migbench::testing;
using nlohmann::json;

namespace {

const Metric& metric(const Record& record, const std::string& name) {
  const auto found = std::find_if(record.metrics.begin(), record.metrics.end(),
                                  [&](const Metric& one) { return one.name == name; });
  if (found == record.metrics.end()) FAIL("no metric " << name);
  return *found;
}

}  // namespace

TEST_CASE("a good trial's record holds its result, its command and where it comes from") {
  RunSummary summary;
  const auto records = records_of(
      plan_of(
          R"({"name": "e", "environment": "fake", "workload": "fake-work", "repetitions": 2,
              "parameters": {"value": "40 + 2", "size": 64}})"),
      &summary);
  REQUIRE(records.size() == 2);
  const auto& record = records[0];
  CHECK(record.outcome == Outcome::ok);
  CHECK(metric(record, "time").value == 42);
  CHECK(metric(record, "time").point == json{{"size", 64}});
  CHECK(record.document == json{{"printed", "42\n"}});
  REQUIRE(record.commands.size() == 1);
  CHECK(record.commands[0].role == "workload");
  CHECK(record.commands[0].command.argv[0] == "/bin/sh");
  CHECK(record.labels == std::vector<std::string>{"emulated: fake", "fake"});
  CHECK(record.instances[0]["node"] == "n1");
  CHECK(record.provenance.at("executables").at("/bin/sh").get<std::string>().size() == 64);
  CHECK(record.provenance.at("argv")[1] == "run");
  CHECK(record.provenance.at("host").contains("kernel"));
  CHECK(record.load.contains("foreign_cpu_s"));
  CHECK(record.elapsed_s > 0);
  CHECK(summary.exit_code() == ExitCode::ok);
}

TEST_CASE("what cannot run or fails stays visible, and the rest runs") {
  RunSummary summary;
  const auto records =
      records_of(plan_of(
                     R"({"name": "e", "environment": ["fake", "fake-bare", "fake-absent"],
              "workload": ["fake-work", "fake-idle"], "technique": [null, "fake-move"],
              "probe": null, "repetitions": {"fewest": 1, "most": 1},
              "parameters": {"status": [0, 3], "sleep": "0.2"}})"),
                 &summary);
  std::map<std::string, std::size_t> count;
  std::map<std::string, std::string> reasons;
  for (const auto& record : records) {
    ++count[std::string(name(record.outcome))];
    reasons[record.cell.environment + " " + record.cell.workload + " " +
            record.cell.technique.value_or("-") + " " +
            record.cell.parameters.value("status", json()).dump()] = record.reason;
    if (record.outcome == Outcome::unsupported) CHECK_FALSE(record.remedy.empty());
    if (record.outcome != Outcome::ok) CHECK_FALSE(record.reason.empty());
  }
  // 3 environments x (work in 2 states + idle) x (no move + move), one trial each.
  REQUIRE(records.size() == 18);
  CHECK(count["ok"] == 4);  // fake and fake-bare unmoved, fake moved, and the idle one moved
  CHECK(count["failed"] == 3);
  CHECK(count["unsupported"] == 11);
  CHECK(reasons["fake fake-work - 3"].find("exit status 3") != std::string::npos);
  CHECK(reasons["fake-bare fake-work fake-move 0"].find("cannot move environment 'fake-bare'") !=
        std::string::npos);
  CHECK(reasons["fake-absent fake-work - 0"] == "no card");
  CHECK(reasons["fake fake-idle - null"].find("nothing that could be measured") !=
        std::string::npos);
  CHECK(summary.exit_code() == ExitCode::failed);
}

TEST_CASE("nothing ran is never green") {
  RunSummary summary;
  (void)records_of(
      plan_of(R"({"name": "e", "environment": "fake-absent", "workload": "fake-work"})"), &summary);
  CHECK(summary.exit_code() == ExitCode::nothing_could_run);
  auto plan = plan_of(R"({"name": "e", "environment": "fake", "workload": "fake-work"})");
  plan.text.document["site"]["absent"] = true;
  const auto records = records_of(plan, &summary);
  REQUIRE(records.size() == 1);
  CHECK(records[0].reason == "the site is absent");
  CHECK(summary.exit_code() == ExitCode::nothing_could_run);
}

TEST_CASE("trials are interleaved in rounds, in the order of the seed") {
  const auto plan = plan_of(
      R"({"name": "e", "environment": "fake", "workload": "fake-work", "repetitions": 3,
          "parameters": {"size": [1, 2, 3, 4]}})");
  const auto cells = expand(plan);
  const auto records = records_of(plan);
  REQUIRE(records.size() == 12);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto round = i / 4 + 1;
    CHECK(records[i].trial == static_cast<int>(round));
    CHECK(records[i].sequence == static_cast<int>(i));
    CHECK(records[i].cell.id == cells[round_order(11, round, 4)[i % 4]].id);
  }
}

TEST_CASE("cells share instances where the plan keeps them, each round has new ones") {
  const auto records = records_of(plan_of(
      R"({"name": "e", "environment": ["fake", "fake-bare"], "workload": "fake-work",
          "repetitions": 2, "parameters": {"size": [1, 2, 3]}},
         {"name": "m", "environment": "fake", "workload": "fake-work", "technique": "fake-move",
          "control": true, "probe": null, "repetitions": 2, "parameters": {"sleep": ["0.2", "0.1"]}})",
      R"("keep_instances": true,)"));
  REQUIRE(records.size() == 20);
  std::map<std::string, int> expected;
  std::string last;
  for (const Record& record : records) {
    INFO(record.cell.id << ": " << record.reason);
    REQUIRE(record.outcome == Outcome::ok);
    const json& instance = record.instances.at(0);
    const std::string shared = fmt::format("{} {}", record.cell.environment, record.trial);
    if (record.cell.technique || record.cell.control) {
      CHECK_FALSE(instance.contains("trials_before"));
    } else {
      CHECK(instance.at("trials_before") == expected[shared]++);
      // Never back to an environment that was left.
      CHECK((shared == last || expected[shared] == 1));
      last = shared;
    }
  }
  CHECK(expected["fake 2"] == 3);
}

TEST_CASE("instances in which a trial failed are not kept") {
  const auto records = records_of(plan_of(
      R"({"name": "e", "environment": "fake", "workload": "fake-work", "repetitions": 1,
          "parameters": {"status": [0, 3, 4]}})",
      R"("keep_instances": true,)"));
  REQUIRE(records.size() == 3);
  int before = 0;
  for (const Record& record : records) {
    CHECK(record.instances.at(0).at("trials_before") == before);
    before = record.outcome == Outcome::ok ? before + 1 : 0;
  }
}

TEST_CASE("a steady cell stops early, a noisy one at most trials, and run.json says which") {
  const TemporaryDirectory root;
  auto run =
      new_run(root.path(), plan_of(
                               R"({"name": "e", "environment": "fake", "workload": "fake-work",
              "repetitions": {"fewest": 6, "most": 8, "relative_width": 0.01},
              "parameters": {"value": ["7", "$$ * $$ % 9973"]}})"));
  CHECK(execute_quietly(run).exit_code() == ExitCode::ok);
  const auto document = run_json(run.path());
  CHECK(document["state"] == "finished");
  CHECK(document["cells"][1]["trials"] == 8);
  CHECK(document["cells"][1]["stopped"] == "most-trials");
  CHECK(document["cells"][0]["trials"] == 6);
  CHECK(document["cells"][0]["stopped"] == "narrow-enough");
}

TEST_CASE("a cell that keeps failing is given up") {
  const TemporaryDirectory root;
  auto run =
      new_run(root.path(), plan_of(
                               R"({"name": "e", "environment": "fake", "workload": "fake-work",
              "repetitions": {"failures": 2}, "parameters": {"memory": "none"}})"));
  CHECK(execute_quietly(run).exit_code() == ExitCode::failed);
  const auto records = read_records(run.path());
  REQUIRE(records.size() == 2);
  CHECK(records[0].reason == "memory 'none' is not enough");
  CHECK(run_json(run.path())["cells"][0]["stopped"] == "failing");
}

TEST_CASE("a deadline ends a trial and says so") {
  const auto records = records_of(plan_of(
      R"({"name": "e", "environment": "fake", "workload": "fake-work", "repetitions": 1,
          "deadline": "200ms", "parameters": {"sleep": "60"}})"));
  REQUIRE(records.size() == 1);
  CHECK(records[0].outcome == Outcome::failed);
  CHECK(records[0].reason.find("deadline of 200 ms") != std::string::npos);
  CHECK(records[0].elapsed_s < 30);
  CHECK(records[0].commands[0].timed_out);
}

TEST_CASE("after its budget a run starts no trial") {
  const TemporaryDirectory root;
  auto run =
      new_run(root.path(), plan_of(
                               R"({"name": "e", "environment": "fake", "workload": "fake-work",
              "repetitions": 1000, "parameters": {"sleep": "0.1"}})",
                               R"("budget": "350ms",)"));
  CHECK(execute_quietly(run).exit_code() == ExitCode::ok);
  const auto count = read_records(run.path()).size();
  CHECK(count >= 1);
  CHECK(count <= 4);
  CHECK(run_json(run.path())["cells"][0]["stopped"] == "budget-spent");
}

TEST_CASE("an instance moves there and back, and each move is in the record") {
  const auto records = records_of(plan_of(
      R"({"name": "e", "environment": "fake", "workload": "fake-idle", "technique": "fake-move",
          "probe": null, "migrations": 3, "repetitions": 1})"));
  REQUIRE(records.size() == 1);
  const auto& moves = records[0].migrations;
  REQUIRE(moves.size() == 3);
  CHECK(moves[0].facts["to"] == "n2");
  CHECK(moves[1].facts["to"] == "n1");
  CHECK(moves[2].facts["to"] == "n2");
  CHECK(moves[0].done_ns <= moves[1].request_ns);
  CHECK(metric(records[0], "migration-time").point == json{{"migration", 1}});
  CHECK(metric(records[0], "phase-dump").unit == "ms");
}

TEST_CASE("a move that was refused fails the trial with the mover's reason") {
  const auto records = records_of(plan_of(
      R"({"name": "e", "environment": "fake", "workload": "fake-work", "technique": "fake-move",
          "probe": null, "repetitions": 1, "parameters": {"refuse": true, "sleep": "0.3"}})"));
  REQUIRE(records.size() == 1);
  CHECK(records[0].outcome == Outcome::failed);
  CHECK(records[0].reason == "not moved: the destination is full");
  REQUIRE(records[0].migrations.size() == 1);
  CHECK_FALSE(records[0].migrations[0].moved);
  // The workload went on at its source, and its result is kept.
  CHECK(metric(records[0], "time").value == 1);
}

TEST_CASE("a workload that ends before the move measures nothing of it") {
  const auto records = records_of(plan_of(
      R"({"name": "e", "environment": "fake", "workload": "fake-work", "technique": "fake-move",
          "probe": null, "repetitions": 1, "settle": "200ms"})"));
  REQUIRE(records.size() == 1);
  CHECK(records[0].reason.find("ended before it was moved") != std::string::npos);
}

TEST_CASE("too few nodes are unsupported, with the remedy") {
  const auto records = records_of(plan_of(
      R"({"name": "e", "environment": "fake", "workload": "fake-work", "technique": "fake-move",
          "parameters": {"instances": 2}})"));
  REQUIRE(records.size() == 1);
  CHECK(records[0].outcome == Outcome::unsupported);
  CHECK(records[0].remedy == "--set site.nodes=3");
}

TEST_CASE("the real probe watches a move: its document and its estimators are in the record") {
  const auto records = records_of(plan_of(
      R"({"name": "e", "environment": "fake", "workload": "fake-idle", "technique": "fake-move",
          "control": true, "probe": {"interval": "1ms"}, "repetitions": 1})"));
  REQUIRE(records.size() == 2);
  for (const auto& record : records) {
    INFO(record.reason);
    REQUIRE((record.outcome == Outcome::ok || record.outcome == Outcome::suspect));
    CHECK(record.probe.at("received").get<int>() >= 100);
    CHECK(record.probe.at("timeline_clock") == "CLOCK_MONOTONIC");
    CHECK(metric(record, "downtime-best").unit == "ms");
    CHECK(metric(record, "downtime-gap").value >= 0);
    CHECK(record.commands.size() == 2);
  }
  const auto& moved = records[records[0].cell.control ? 1 : 0];
  CHECK(moved.probe.at("start_ns").get<std::int64_t>() < moved.migrations.at(0).request_ns);
  CHECK(moved.probe.at("end_ns").get<std::int64_t>() > moved.migrations.at(0).done_ns);
}

TEST_CASE("foreign load tells own from others' CPU time") {
  const auto records = records_of(plan_of(
      R"json({"name": "e", "environment": "fake", "workload": "fake-work", "repetitions": 1,
          "parameters": {"value": "$(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo $i)"
}
})json"));
  REQUIRE(records.size() == 1);
  // The loop is ours although its shell is dead by the time of the reading.
  CHECK(records[0].load.at("own_cpu_s").get<double>() > 0.05);
  CHECK(records[0].load.at("foreign_cpu_s").get<double>() >= 0);
}
