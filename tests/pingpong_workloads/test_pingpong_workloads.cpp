#include <algorithm>

#include "harness/site/process.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/workload.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const Workload& workload(std::string_view name) {
  return Registry<Workload>::instance().at(name, "workload");
}

json with(json defaults, const json& changes) {
  defaults.update(changes);
  return defaults;
}

bool has(const Job& job, const std::string& option, const std::string& value) {
  const auto& argv = job.program.argv;
  const auto at = std::find(argv.begin(), argv.end(), option);
  return at != argv.end() && at + 1 != argv.end() && *(at + 1) == value;
}

Finished printed(const std::string& out) {
  Finished finished;
  finished.command.argv = {"mpirun"};
  finished.out = out;
  return finished;
}

/// The job under mpirun on this machine.
Finished launched(const Job& job) {
  Command command;
  command.argv = {MPIRUN, "--oversubscribe", "--bind-to", "none", "-np", std::to_string(job.ranks)};
  command.argv.insert(command.argv.end(), job.program.argv.begin(), job.program.argv.end());
  command.env = {{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
                 {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
                 {"OMPI_MCA_mpi_yield_when_idle", "1"},
                 {"ASAN_OPTIONS", "detect_leaks=0"}};
  return run(command, 60s);
}

}  // namespace

TEST_CASE("the defaults are a job of two ranks on two instances") {
  for (const auto* name : {"mpi-latency", "mpi-bandwidth"}) {
    const Workload& one = workload(name);
    const Job job = one.job(one.defaults());
    CHECK(job.ranks == 2);
    CHECK(job.instances == 2);
    CHECK(job.transport == "auto");
    CHECK(job.program.argv.front().find("migbench-pingpong") != std::string::npos);
    CHECK(has(job, "--json", "-"));
  }
}

TEST_CASE("parameters become options") {
  const Workload& latency = workload("mpi-latency");
  CHECK(has(latency.job(with(latency.defaults(), {{"sizes", "8..64"}})), "--sizes", "8..64"));
  CHECK(has(latency.job(with(latency.defaults(), {{"sizes", 8}})), "--sizes", "8"));
  const auto list = json::parse(R"({"sizes": [0, "64KiB"], "budget": "1s", "instances": 1,
                                    "transport": "shm", "mca": ["--mca", "btl", "vader,self"]})");
  const Job job = latency.job(with(latency.defaults(), list));
  CHECK(has(job, "--sizes", "0,64KiB"));
  CHECK(has(job, "--budget", "1s"));
  CHECK(job.instances == 1);
  CHECK(job.transport == "shm");
  CHECK(job.mca.size() == 3);

  const Workload& bandwidth = workload("mpi-bandwidth");
  const Job both =
      bandwidth.job(with(bandwidth.defaults(), {{"window", 16}, {"bidirectional", true}}));
  CHECK(has(both, "--window", "16"));
  CHECK(both.program.argv.back() == "--bidirectional");
}

TEST_CASE("bad parameters are refused by name") {
  const Workload& bandwidth = workload("mpi-bandwidth");
  for (const json& bad :
       {json{{"sizes", json::array()}}, json{{"sizes", "8 apples"}}, json{{"sizes", -8}},
        json{{"sizes", json{8, nullptr, 9.5}}}, json{{"budget", 3}}, json{{"budget", "3"}},
        json{{"precision", 7}}, json{{"timing", "sometimes"}}, json{{"calls", 1}},
        json{{"samples", -1}}, json{{"samples", "all"}}, json{{"instances", 3}}, json{{"mca", "x"}},
        json{{"window", 0}}, json{{"window", "x"}}, json{{"bidirectional", 1}}}) {
    CAPTURE(bad.dump());
    CHECK_THROWS_AS(bandwidth.job(with(bandwidth.defaults(), bad)), InputError);
  }
}

TEST_CASE("a document is found among other lines") {
  const std::string document = R"({"program":"migbench-pingpong","text":"a } \" {","results":[]})";
  for (const auto& out : {document, "warning: {not it}\n{}\n" + document + "\nbye\n",
                          R"({"program":"other"})"
                          "\n" +
                              document,
                          "{ broken\n" + document + "\n}"}) {
    CAPTURE(out);
    CHECK(find_driver_document(printed(out), "migbench-pingpong").value("text", "") == "a } \" {");
  }
  for (const auto& out : {std::string(), std::string("no"), document.substr(0, 50), "x" + document,
                          std::string(R"({"program":5})")}) {
    CAPTURE(out);
    CHECK(find_driver_document(printed(out), "migbench-pingpong").is_null());
    CHECK_THROWS_AS(require_driver_document(printed(out), "migbench-pingpong"), Error);
  }
}

TEST_CASE("what is not a whole result is an error") {
  const Workload& latency = workload("mpi-latency");
  const json asked = with(latency.defaults(), {{"sizes", "8,16"}});
  const auto metrics = [&](const std::string& results) {
    return latency.metrics(asked,
                           printed(R"({"program":"migbench-pingpong","results":)" + results + "}"));
  };
  CHECK(metrics(R"([{"size":8,"latency":{"median":1.5}},{"size":16,"latency":{"median":2}}])")
            .size() == 2);
  CHECK_THROWS_AS(metrics(R"([{"size":8,"latency":{"median":1.5}}])"), Error);
  CHECK_THROWS_AS(metrics(R"([{"size":"8"},{"size":16}])"), Error);
  CHECK_THROWS_AS(metrics("7"), Error);
  Finished failed = printed("");
  failed.status = 1;
  CHECK_THROWS_AS(latency.metrics(asked, failed), Error);
}

TEST_CASE("both workloads measure on this machine") {
  for (const auto* name : {"mpi-latency", "mpi-bandwidth"}) {
    CAPTURE(name);
    const Workload& one = workload(name);
    REQUIRE_FALSE(one.check(nullptr));
    const json parameters =
        with(one.defaults(), {{"sizes", "8,64KiB"}, {"budget", "20ms"}, {"samples", 50}});
    const Finished finished = launched(one.job(parameters));
    CAPTURE(finished.err);
    const auto metrics = one.metrics(parameters, finished);
    REQUIRE(metrics.size() == 2);
    CHECK(metrics[0].point == json{{"size", 8}});
    CHECK(metrics[1].point == json{{"size", 65536}});
    CHECK(metrics[0].value > 0);
    const bool latency = std::string_view(name) == "mpi-latency";
    CHECK(metrics[0].unit == (latency ? "us" : "MB/s"));
    CHECK((metrics[0].better == Better::lower) == latency);
    CHECK(one.document(finished)["results"].size() == 2);
  }
}
