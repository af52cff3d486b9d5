// The harness's side: the originals' report, and the workloads npb-*.
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/registry.hpp"
#include "harness/site/process.hpp"
#include "harness/workload/npb_block.hpp"
#include "harness/workload/workload.hpp"
#include "tests/catch.hpp"

namespace migbench {
namespace {

using nlohmann::json;

// As release 3.4 prints it.
const std::string kRelease34 = R"(

 NAS Parallel Benchmarks 3.4 -- FT Benchmark

 T =    1     Checksum =    5.046735008193D+02    5.114047905510D+02
 Result verification successful


 FT Benchmark Completed.
 Class           =                        A
 Size            =            256x 256x 128
 Iterations      =                        6
 Time in seconds =                     0.77
 Total processes =                        2
 Active processes=                        2
 Mop/s total     =                  9268.11
 Mop/s/process   =                  4634.05
 Operation type  =           floating point
 Verification    =               SUCCESSFUL
 Version         =                    3.4.3
 Compile date    =              22 Nov 2026

 Compile options:
    MPIFC        = mpif90
    Class        = nonsense
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

Finished printed(const std::string& text, int status = 0) {
  Finished finished;
  finished.command.argv = {"ft.A.x"};
  finished.status = status;
  finished.out = text;
  return finished;
}

const Workload& workload(std::string_view name) {
  return Registry<Workload>::instance().at(name, "workload");
}

json with(const Workload& of, const json& changes) {
  json parameters = of.defaults();
  parameters.update(changes);
  return parameters;
}

/// A directory with a program `name` in it that prints `text`; gone with the object.
class FakeOriginal {
 public:
  FakeOriginal(const std::string& name, const std::string& text)
      : directory_(std::filesystem::temp_directory_path() /
                   fmt::format("migbench-npb-{}", ::getpid())) {
    std::filesystem::create_directories(directory_);
    const auto program = directory_ / name;
    std::ofstream(program) << "#!/bin/sh\ncat <<'END'\n" << text << "END\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  }
  ~FakeOriginal() { std::filesystem::remove_all(directory_); }
  FakeOriginal(const FakeOriginal&) = delete;
  FakeOriginal& operator=(const FakeOriginal&) = delete;
  FakeOriginal(FakeOriginal&&) = delete;
  FakeOriginal& operator=(FakeOriginal&&) = delete;
  [[nodiscard]] std::string path() const { return directory_.string(); }

 private:
  std::filesystem::path directory_;
};

TEST_CASE("block: release 3.4") {
  const NpbBlock block = parse_npb_block(kRelease34);
  CHECK(block.kernel == "FT");
  CHECK(block.problem_class == "A");
  CHECK(block.size == "256x 256x 128");
  CHECK(block.iterations == 6);
  CHECK(block.seconds == 0.77);
  CHECK(block.mops == 9268.11);
  CHECK(block.processes == 2);
  CHECK_FALSE(block.threads);
  CHECK(block.verified);
  CHECK(block.version == "3.4.3");
}

TEST_CASE("block: release 3.3, OpenMP and serial") {
  const auto old = replaced(kRelease34, " Active processes=", " Compiled procs  =");
  CHECK(parse_npb_block(old).processes == 2);

  auto threads = replaced(kRelease34, " Total processes =", " Total threads   =");
  threads = replaced(threads, " Active processes=", " Avail threads   =");
  CHECK(parse_npb_block(threads).processes == 2);
  CHECK(parse_npb_block(threads).threads);

  auto serial = replaced(kRelease34, " Total processes =                        2\n", "");
  serial = replaced(serial, " Active processes=                        2\n", "");
  CHECK_FALSE(parse_npb_block(serial).processes);
}

TEST_CASE("block: the OpenMP variant's EP and IS, as they were seen") {
  // EP has no iterations; IS, in C, ends its headline without a full stop.
  const std::string tail = R"( Total threads   =                        2
 Avail threads   =                        2
 Mop/s total     =                   387.96
 Mop/s/thread    =                   193.98
 Operation type  = Random numbers generated
 Verification    =               SUCCESSFUL
 Version         =                    3.4.2
)";
  const NpbBlock ep = parse_npb_block(R"(
 EP Benchmark Completed.
 Class           =                        W
 Size            =                 67108864
 Iterations      =                        0
 Time in seconds =                     0.17
)" + tail);
  CHECK(ep.kernel == "EP");
  CHECK(ep.iterations == 0);
  CHECK(ep.processes == 2);
  CHECK(ep.threads);
  CHECK(ep.verified);
  CHECK(ep.version == "3.4.2");

  const NpbBlock is = parse_npb_block(R"(
 IS Benchmark Completed
 Class           =                        W
 Size            =                  1048576
 Iterations      =                       10
 Time in seconds =                     0.02
)" + replaced(tail, "  SUCCESSFUL", "UNSUCCESSFUL"));
  CHECK(is.kernel == "IS");
  CHECK(is.seconds == 0.02);
  CHECK_FALSE(is.verified);
}

TEST_CASE("block: what is not whole is refused") {
  CHECK_THROWS_AS(parse_npb_block(""), Error);
  CHECK_THROWS_AS(parse_npb_block("mpirun: something went wrong"), Error);
  CHECK_THROWS_AS(parse_npb_block(kRelease34 + kRelease34), Error);
  CHECK_THROWS_AS(parse_npb_block(kRelease34.substr(0, kRelease34.find(" Verification"))), Error);
  CHECK_THROWS_AS(parse_npb_block(replaced(kRelease34, "9268.11", "************")), Error);
  CHECK_THROWS_AS(parse_npb_block(replaced(kRelease34, "9268.11", "NaN")), Error);
  CHECK_THROWS_AS(parse_npb_block(replaced(kRelease34, "0.77", "-1.0")), Error);
  CHECK_THROWS_AS(parse_npb_block(replaced(kRelease34, " Class    ", " Klasse   ")), Error);
}

TEST_CASE("workload: a run that is not successful is no number") {
  const auto& ft = workload("npb-ft");
  const auto parameters = with(ft, {{"implementation", "original"}, {"class", "A"}, {"ranks", 2}});
  const auto metrics = ft.metrics(parameters, printed(kRelease34));
  REQUIRE(metrics.size() == 2);
  CHECK(metrics[0].name == "rate");
  CHECK(metrics[0].value == 9268.11);
  CHECK(metrics[0].better == Better::higher);
  CHECK(metrics[1].name == "run-time");
  CHECK(metrics[1].value == 0.77);

  for (const auto* word : {"UNSUCCESSFUL", "NOT PERFORMED", "SUCCESSFUL?"})
    CHECK_THROWS_AS(ft.metrics(parameters, printed(replaced(kRelease34, "  SUCCESSFUL",
                                                            fmt::format("  {}", word)))),
                    Error);
  CHECK_THROWS_AS(ft.metrics(parameters, printed(kRelease34, 1)), Error);
  CHECK_THROWS_AS(
      ft.metrics(with(ft, {{"implementation", "original"}, {"class", "B"}}), printed(kRelease34)),
      Error);
  CHECK_THROWS_AS(
      ft.metrics(with(ft, {{"implementation", "original"}, {"class", "A"}, {"ranks", 4}}),
                 printed(kRelease34)),
      Error);
  const auto& lu = workload("npb-lu");
  CHECK_THROWS_AS(
      lu.metrics(with(lu, {{"implementation", "original"}, {"class", "A"}}), printed(kRelease34)),
      Error);
  // Too short for the printed time: the rate alone.
  CHECK(ft.metrics(parameters, printed(replaced(kRelease34, "0.77", "0.00"))).size() == 1);
}

TEST_CASE("workload: the built-in's document") {
  const auto& ft = workload("npb-ft");
  json document = {{"program", "migbench-npb"},
                   {"kernel", "FT"},
                   {"class", "S"},
                   {"verified", true},
                   {"mops", 5000.0},
                   {"seconds", 0.5},
                   {"iteration_seconds", {0.1, 0.3, 0.1}}};
  const auto metrics = ft.metrics(ft.defaults(), printed(document.dump()));
  REQUIRE(metrics.size() == 3);
  CHECK(metrics[0].value == 5000.0);
  CHECK(metrics[2].name == "longest-iteration");
  CHECK(metrics[2].value == 0.3);
  CHECK(ft.document(printed(document.dump())) == document);
  document["verified"] = false;
  CHECK_THROWS_AS(ft.metrics(ft.defaults(), printed(document.dump())), Error);
  document["verified"] = true;
  document["kernel"] = "LU";
  CHECK_THROWS_AS(ft.metrics(ft.defaults(), printed(document.dump())), Error);
  document.erase("kernel");
  CHECK_THROWS_AS(ft.metrics(ft.defaults(), printed(document.dump())), Error);
}

TEST_CASE("workload: finds, runs and reads an original") {
  const auto& ft = workload("npb-ft");
  for (const auto* name : {"ft.A.x", "ft.A.2"}) {
    const FakeOriginal original(name, kRelease34);
    auto parameters =
        with(ft, {{"implementation", "original"}, {"class", "A"}, {"directory", original.path()}});
    const Job job = ft.job(parameters);
    CHECK(job.ranks == 2);
    const Finished finished = run(job.program, std::chrono::seconds{30});
    CHECK(ft.metrics(parameters, finished).front().value == 9268.11);
    const json document = ft.document(finished);
    CHECK(document.at("program") == "npb-original");
    CHECK(document.at("version") == "3.4.3");

    parameters["variant"] = "omp";
    const Job threads = ft.job(parameters);
    CHECK(threads.ranks == 0);
    CHECK(threads.program.env.at("OMP_NUM_THREADS") == "2");
    parameters["class"] = "B";
    CHECK_THROWS_AS(ft.job(parameters), InputError);
  }
}

TEST_CASE("workload: an original that is not here may be where it runs") {
  const auto& ft = workload("npb-ft");
  const Job job = ft.job(with(ft, {{"implementation", "original"}, {"class", "A"}}));
  CHECK(job.program.argv == std::vector<std::string>{"ft.A.x"});
}

TEST_CASE("workload: parameters") {
  CHECK(workload("npb-bt").defaults().at("ranks") == 4);
  const auto& ft = workload("npb-ft");
  const Job job = ft.job(with(ft, {{"class", "W"}, {"isa", "x86-64-v3"}}));
  const std::vector<std::string> expected{"ft",        "--class",    "W",      "--isa",
                                          "x86-64-v3", "--announce", "--json", "-"};
  CHECK(std::vector<std::string>(job.program.argv.begin() + 1, job.program.argv.end()) == expected);
  for (const json& bad :
       {json{{"class", "E"}}, json{{"class", 1}}, json{{"ranks", 0}}, json{{"ranks", "2"}},
        json{{"instances", 3}}, json{{"isa", "mips"}}, json{{"implementation", "other"}},
        json{{"variant", "omp"}}, json{{"mca", "x"}}}) {
    INFO(bad.dump());
    CHECK_THROWS_AS(ft.job(with(ft, bad)), InputError);
  }
  CHECK_THROWS_AS(ft.job(with(ft, {{"placement", "moon"}})), InputError);
  CHECK_THROWS_AS(
      ft.job(with(ft, {{"implementation", "original"}, {"variant", "omp"}, {"placement", "core"}})),
      InputError);
}

TEST_CASE("workload: process counts are those of the originals, and refused before anything runs") {
  const auto fits = [](const char* name, int ranks) {
    const auto& kernel = workload(name);
    try {
      return kernel.job(with(kernel, {{"ranks", ranks}, {"instances", 1}})).ranks == ranks;
    } catch (const InputError&) {
      return false;
    }
  };
  CHECK(fits("npb-bt", 9));
  CHECK_FALSE(fits("npb-bt", 8));
  CHECK(fits("npb-sp", 1));
  CHECK(fits("npb-lu", 6));
  CHECK(fits("npb-lu", 12));
  CHECK_FALSE(fits("npb-lu", 3));
  CHECK_FALSE(fits("npb-lu", 7));
  CHECK(fits("npb-ep", 7));
  CHECK(fits("npb-ft", 16));
  for (const char* kernel : {"npb-ft", "npb-cg", "npb-mg", "npb-is"})
    CHECK_FALSE(fits(kernel, 6));
}

}  // namespace
}  // namespace migbench
