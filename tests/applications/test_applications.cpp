// NPB and BLAST in real environments and under a real move, by the same way as any user's plan.
#include <set>

#include <fmt/format.h>

#include "harness/report/report.hpp"
#include "harness/run/support.hpp"
#include "tests/catch.hpp"
#include "tests/run/runs.hpp"
#include "tests/stand_ins.hpp"

using namespace migbench;
using namespace migbench::testing;
using nlohmann::json;

namespace {

Plan local_plan(const std::string& experiment) {
  const json site{{"kind", "local"}, {"nodes", 3}};
  if (const auto no = Registry<SiteKind>::instance().at("local", "site").check(site))
    skip_test(no->reason + "; " + no->remedy);
  return read_plan(parse_plan_text(
      fmt::format(
          R"({{"schema": "migbench-plan/1", "name": "t", "seed": 11, "site": {}, "repetitions": 1,
                       "settle": "200ms", "deadline": "120s", "experiments": [{}]}})",
          site.dump(), experiment),
      "test.json"));
}

/// What was measured; skips the test where something cannot run here.
std::vector<Record> measured(const Plan& plan) {
  auto records = records_of(plan);
  for (const Record& record : records) {
    if (record.outcome == Outcome::unsupported) skip_test(record.reason + "; " + record.remedy);
    INFO(record.cell.id << ": " << record.reason);
    CHECK(record.outcome == Outcome::ok);
  }
  return records;
}

double value(const Record& record, const std::string& name) {
  for (const Metric& metric : record.metrics)
    if (metric.name == name) return metric.value;
  throw Error("no metric " + name);
}

}  // namespace

TEST_CASE("NPB verifies natively and in a container, the same program on the same processors") {
  const TemporaryDirectory root;
  auto run = new_run(root.path(), local_plan(R"({"name": "e", "workload": "npb-ft",
      "environment": ["native", "container"], "parameters": {"placement": "core"}})"));
  (void)execute_quietly(run);
  const auto records = read_records(run.path());
  REQUIRE(records.size() == 2);
  for (const Record& record : records) {
    INFO(record.reason);
    REQUIRE(record.outcome == Outcome::ok);
    CHECK(record.document.at("verified") == true);
    CHECK(record.evidence.at("complete") == true);
    CHECK(record.evidence.at("ranks").size() == 2);
    CHECK(record.evidence.at("build").at("binary").at("sha256").get<std::string>().size() == 64);
  }
  const json report = make_report(run.path(), {});
  std::size_t compared = 0;
  for (const json& row : report.at("rows")) {
    if (!row.at("ratio").is_object()) continue;
    ++compared;
    CHECK(row.at("ratio").at("like_with_like") == true);
  }
  CHECK(compared > 0);
}

TEST_CASE("NPB that other builds run is not compared") {
  const TemporaryDirectory root;
  auto run = new_run(root.path(), local_plan(R"({"name": "a", "workload": "npb-ft",
        "environment": "native", "parameters": {"isa": "default"}},
      {"name": "b", "workload": "npb-ft", "environment": "container"})"));
  (void)execute_quietly(run);
  const auto records = read_records(run.path());
  REQUIRE(records.size() == 2);
  std::set<std::string> hashes;
  for (const Record& record : records) {
    INFO(record.reason);
    REQUIRE(record.outcome == Outcome::ok);
    hashes.insert(record.evidence.at("build").at("binary").at("sha256"));
  }
  if (hashes.size() == 1) skip_test("there is one build of the kernels only that runs here");
  const json report = make_report(run.path(), {});
  bool told = false;
  for (const json& row : report.at("rows")) {
    CHECK(row.at("ratio").is_null());
    told = told || row.at("notes").dump().find("not compared, other programs") != std::string::npos;
  }
  CHECK(told);
}

TEST_CASE("a job runs between a guest and a host") {
  const auto records = measured(local_plan(R"({"name": "e", "workload": "mpi-latency",
      "environment": "kvm", "parameters": {"peers": "native", "guest_memory": "256MiB",
      "sizes": "8", "budget": "100ms"}})"));
  REQUIRE(records.size() == 1);
  const json& instances = records[0].instances;
  REQUIRE(instances.size() == 2);
  CHECK_FALSE(instances[0].at("facts").contains("xml"));
  CHECK(instances[1].at("facts").contains("xml"));
  CHECK(records[0].document.at("mpi").at("ranks").size() == 2);
  CHECK(value(records[0], "latency") > 0);
}

TEST_CASE("mpiBLAST (stand-ins) runs on two nodes that share no directory") {
  for (const char* tool : {"blastn", "makeblastdb"})
    if (look_for_program(tool).empty())
      skip_test(std::string(tool) + " is not there: apt-get install ncbi-blast+");
  const StandIns stand_ins;
  stand_ins.add("mpiformatdb", "exec makeblastdb -in $4 -dbtype nucl > /dev/null\n");
  stand_ins.add("mpiblast",
                "cd $MPIBLAST_SHARED && [ -f $2.nsq ] || exit 9\n"
                "[ $OMPI_COMM_WORLD_RANK = 0 ] || exit 0\n"
                "exec blastn -db $2 -query $4 -outfmt 6 -out ${10}\n");
  const auto plan = local_plan(R"({"name": "e", "workload": "mpiblast",
      "environment": ["native", "container"],
      "parameters": {"data": "seed=7,sequences=60,mean_length=400,queries=6", "ranks": 4}})");
  for (const Record& record : measured(plan)) {
    INFO(record.cell.id << ": " << record.reason);
    CHECK(value(record, "run-time") > 0);
    CHECK(record.document.at("truth").at("planted_near").get<int>() > 0);
  }
  CHECK_THROWS_AS(Registry<Workload>::instance()
                      .at("mpiblast", "workload")
                      .job({{"ranks", 4}, {"instances", 4}}),
                  InputError);
}

TEST_CASE("LU is moved between two nodes while it computes, and verifies") {
  const auto records = measured(local_plan(R"({"name": "e", "workload": "npb-lu",
      "environment": "container", "technique": "criu-stop-copy", "probe": null,
      "parameters": {"class": "A"}})"));
  REQUIRE(records.size() == 1);
  REQUIRE(records[0].migrations.size() == 1);
  CHECK(records[0].migrations[0].moved);
  CHECK(records[0].document.at("verified") == true);
  // The pause, a good part of the move's time, is in one of the iterations.
  const auto& move = records[0].migrations[0];
  CHECK(value(records[0], "longest-iteration") >
        0.2e-9 * static_cast<double>(move.done_ns - move.request_ns));
}

TEST_CASE("a BLAST job is moved while it searches, and finds what a whole search finds") {
  const auto records = measured(local_plan(R"({"name": "e", "workload": "blast",
      "environment": "container", "technique": "criu-stop-copy", "probe": null, "control": true,
      "settle": "100ms", "parameters": {"verify": true,
      "task": "blastn",
      "data": "seed=3,sequences=8000,mean_length=2000,queries=2500"}})"));
  REQUIRE(records.size() == 2);
  for (const Record& record : records) {
    CHECK(record.migrations.size() == (record.cell.control ? 0U : 1U));
    CHECK(record.document.at("equals_whole_search") == true);
    CHECK(record.document.at("output_hash") == records[0].document.at("output_hash"));
    CHECK(value(record, "run-time") > 0);
  }
}

TEST_CASE("a BLAST job is moved whole, with mpirun, engines and files, and finds the same") {
  const auto records = measured(local_plan(R"({"name": "e", "workload": "blast",
      "environment": "criu", "technique": "job-checkpoint", "probe": null, "settle": "100ms",
      "parameters": {"launcher": "inside", "instances": 1, "verify": true,
      "task": "blastn", "data": "seed=3,sequences=8000,mean_length=2000,queries=2500"}})"));
  REQUIRE(records.size() == 1);
  REQUIRE(records[0].migrations.size() == 1);
  CHECK(records[0].migrations[0].moved);
  CHECK(records[0].document.at("equals_whole_search") == true);
}

TEST_CASE("a job whose mpirun is elsewhere is not moved by what moves whole jobs") {
  Cell cell;
  cell.environment = "criu";
  cell.workload = "npb-lu";
  cell.technique = "job-checkpoint";
  cell.defaults = Registry<Workload>::instance().at("npb-lu", "workload").defaults();
  REQUIRE(check_combination(cell));
  CHECK(check_combination(cell)->remedy.find("inside") != std::string::npos);
  cell.parameters = {{"launcher", "inside"}, {"instances", 1}};
  CHECK_FALSE(check_combination(cell));
  cell.parameters = {{"launcher", "inside"}};
  CHECK_THROWS_AS(check_combination(cell), InputError);
}
