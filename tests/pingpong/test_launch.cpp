// The real program under the real mpirun, on this machine.
#include <filesystem>

#include <unistd.h>

#include "bench/document.hpp"
#include "tests/catch.hpp"
#include "tests/pingpong/launch.hpp"

using namespace migbench;
using namespace migbench::pingpong;
using nlohmann::json;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

}  // namespace

TEST_CASE("latency: a document on standard output, the table on standard error") {
  const auto run = launch(2, "latency --sizes 0,8,64KiB --iterations 300 --samples all --json -");
  REQUIRE(run.status == 0);
  CHECK(run.err.find("half round trip") != std::string::npos);
  const json document = run.document();
  CHECK(document["schema"] == "migbench-driver/1");
  CHECK(document["mode"] == "latency");
  CHECK(document["timing"] == "iteration");
  CHECK(document["mpi"]["size"] == 2);
  REQUIRE(document["mpi"]["ranks"].size() == 2);
  CHECK_FALSE(document["mpi"]["ranks"][1]["hostname"].get<std::string>().empty());
  CHECK_FALSE(document["mpi"]["ranks"][1]["affinity"].get<std::string>().empty());
  REQUIRE(document["results"].size() == 3);
  std::vector<std::uint64_t> sizes;
  for (const json& result : document["results"]) {
    sizes.push_back(result["size"].get<std::uint64_t>());
    CHECK(result["pair"] == json::parse("[0,1]"));
    CHECK(result["iterations"] == 300);
    CHECK(result["samples"].size() == 300);
    CHECK(result["samples_taken"] == 300);
    CHECK(result["stopped"] == "iterations");
    CHECK(result["validated"] == true);
    CHECK(result["clock_cost_ns"].get<double>() > 0);
    CHECK(result["summary"]["n"] == 300);
    CHECK(result["summary"]["minimum"].get<double>() > 0);
    CHECK(result["latency"]["median"].get<double>() ==
          Approx(result["summary"]["median"].get<double>() / 2000));
  }
  CHECK(sizes == std::vector<std::uint64_t>{0, 8, 65536});
}

TEST_CASE("the table goes to standard output and the document to a file") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("migbench-pingpong-test-" + std::to_string(::getpid()) + ".json");
  const auto run = launch(2,
                          "latency --sizes 8 --iterations 50 --calls nonblocking "
                          "--timing batch --batch 10 --json " +
                              path.string());
  const json document = read_json(path);
  std::filesystem::remove(path);
  CHECK(run.status == 0);
  CHECK(run.out.find("half round trip") != std::string::npos);
  CHECK(document["timing"] == "batch");
  CHECK(document["options"]["calls"] == "nonblocking");
  const json& result = document["results"].at(0);
  CHECK(result["iterations_per_sample"] == 10);
  CHECK(result["samples"].size() == 5);
  CHECK(result["iterations"] == 50);
}

TEST_CASE("bandwidth in both directions of two pairs at once") {
  const auto run =
      launch(4,
             "bandwidth --bidirectional --pairs 2,0 1,3 --sizes 8,64KiB --window 4 --iterations 20 "
             "--buffers separate --json");
  REQUIRE(run.status == 0);
  const json document = run.document();
  REQUIRE(document["results"].size() == 4);
  for (const json& result : document["results"]) {
    CHECK(result["messages_per_iteration"] == 8);
    CHECK(result["iterations"] == 20);
    CHECK(result["bandwidth"]["median"].get<double>() ==
          Approx(8e3 * result["size"].get<double>() / result["summary"]["median"].get<double>()));
    CHECK(result["message_rate"]["median"].get<double>() > 0);
  }
  CHECK(document["results"][0]["pair"] == json::parse("[1,3]"));
  CHECK(document["results"][1]["pair"] == json::parse("[2,0]"));
}

TEST_CASE("every exchange ends: one direction and both, blocking and not, small and large") {
  for (const char* what : {"--calls blocking", "--calls blocking --bidirectional",
                           "--calls nonblocking", "--validate 3 --warmup 0 --timing batch"}) {
    CAPTURE(what);
    const auto run =
        launch(2, std::string("bandwidth --sizes 0,256KiB --window 5 --iterations 10 ") + what +
                      " --json");
    REQUIRE(run.status == 0);
    CHECK(run.document()["results"].size() == 2);
  }
}

TEST_CASE("adaptive: the budget ends what is never narrow enough, and the histogram takes over") {
  const auto run = launch(3,
                          "latency --pair 1,2 --sizes 8 --precision 0 --budget 100ms --keep 0 "
                          "--fewest 10 --json -");
  REQUIRE(run.status == 0);
  const json result = run.document()["results"].at(0);
  CHECK(result["stopped"] == "budget-spent");
  CHECK(result["spent_ns"].get<double>() >= 100e6);
  CHECK_FALSE(result.contains("samples"));
  CHECK(result["histogram"]["count"] == result["summary"]["n"]);
  CHECK(result["histogram"]["count"].get<int>() > 0);
}

TEST_CASE("adaptive: it stops as soon as the interval is narrow enough") {
  const auto run = launch(2,
                          "latency --sizes 8 --precision 1 --fewest 100 --budget 20s "
                          "--samples 10 --json -");
  REQUIRE(run.status == 0);
  const json result = run.document()["results"].at(0);
  CHECK(result["stopped"] == "narrow-enough");
  CHECK(result["summary"]["n"].get<int>() >= 100);
  CHECK(result["samples"].size() == 10);
  CHECK(result["samples_kept"] == 10);
  CHECK(result["samples_taken"] == result["summary"]["n"]);
  const json& interval = result["summary"]["interval"];
  CHECK(interval[1].get<double>() - interval[0].get<double>() <=
        result["summary"]["median"].get<double>());
}

TEST_CASE("contents that arrive changed are found and nothing is claimed of their size") {
  const auto run = launch(2, "latency --sizes 8,1KiB --iterations 20 --json -",
                          PINGPONG_WITH_BROKEN_MPI, "BROKEN_MPI_FROM=1024");
  CHECK(run.status == 1);
  CHECK(run.err.find("size 1KiB: message 1 of 1 in round 1: byte 1023 of 1024 is wrong") !=
        std::string::npos);
  const json document = run.document();
  REQUIRE(document["results"].size() == 1);
  CHECK(document["results"][0]["size"] == 8);
  CHECK(document["corrupt"].size() == 2);
}

TEST_CASE("errors of use: one message, exit code 2, no abort") {
  struct Case {
    int ranks;
    const char* arguments;
    const char* message;
  };
  for (const Case& wrong : {Case{2, "latency --sizes 9Z", "'9Z' is not a size"},
                            Case{2, "latency --pairs 0,1 2,3", "pair 2,3 needs rank 2"},
                            Case{3, "latency --pairs all", "even number of ranks"},
                            Case{2, "latency --json /nowhere/x.json", "/nowhere/x.json"},
                            Case{2, "latency --json /tmp", "is a directory"}}) {
    CAPTURE(wrong.arguments);
    const auto run = launch(wrong.ranks, wrong.arguments);
    CHECK(run.status == 2);
    CHECK(count(run.err, wrong.message) == 1);
    CHECK(count(run.err, "migbench-pingpong: ") == 1);
    CHECK(run.err.find("MPI_ABORT") == std::string::npos);
    CHECK(run.out.empty());
  }
}

TEST_CASE("help is printed once however many ranks there are") {
  const auto run = launch(2, "--help");
  CHECK(run.status == 0);
  CHECK(count(run.out, "Usage:") == 1);
}
