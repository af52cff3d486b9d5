// Every kernel against the published values, on several process counts.
#include <cmath>

#include "bench/document.hpp"
#include "harness/workload/driver_output.hpp"
#include "harness/workload/npb_block.hpp"
#include "tests/catch.hpp"
#include "tests/npb/launch.hpp"

namespace migbench {
namespace {

using nlohmann::json;

void require_verified(const std::string& kernel, int ranks) {
  INFO(kernel << " on " << ranks << " ranks");
  const Finished finished = test::launch(ranks, {kernel, "--class", "S", "--json", "-"});
  INFO(finished.out.substr(0, 2000) << finished.err.substr(0, 2000));
  REQUIRE(finished.status == 0);
  const json document = require_driver_document(finished, "migbench-npb");
  CHECK(document.at("verified") == true);
  CHECK(document.at("ranks") == ranks);
  CHECK(document.at("per_rank").size() == static_cast<std::size_t>(ranks));
  CHECK(document.at("mops").get<double>() > 0);
  CHECK(document.at("build").at("binary").at("sha256").get<std::string>().size() == 64);
  REQUIRE_FALSE(document.at("checks").empty());
  for (const json& check : document.at("checks")) {
    CHECK(check.at("passed") == true);
    CHECK(check.at("relative_error") <= check.at("tolerance"));
  }
  // The iterations are the timed part, all but a moment of it.
  double sum = 0;
  for (const double lap : document.at("iteration_seconds"))
    sum += lap;
  CHECK(sum > 0);
  for (const json& rank : document.at("per_rank")) {
    CHECK_FALSE(rank.at("placement").at("allowed_cpus").empty());
    const double phases = rank.at("compute").get<double>() + rank.at("communicate").get<double>();
    CHECK(phases == Approx(rank.at("seconds").get<double>()).margin(0.5));
  }
}

TEST_CASE("kernels verify on one, two and four ranks") {
  for (const auto* kernel : {"cg", "ep", "ft", "is", "lu", "mg"})
    for (const int ranks : {1, 2, 4})
      require_verified(kernel, ranks);
}

TEST_CASE("BT and SP verify on square numbers of ranks") {
  for (const auto* kernel : {"bt", "sp"})
    for (const int ranks : {1, 4, 9})
      require_verified(kernel, ranks);
}

// Not in ctest: 128 processes take a loaded machine a minute. test_npb "[many]" runs it.
TEST_CASE("FT splits lines too, where there are more ranks than planes", "[.][many]") {
  require_verified("ft", 128);
}

TEST_CASE("LU takes process arrays that are no powers of two") {
  require_verified("lu", 6);
}

TEST_CASE("wrong sums are noticed, and end with exit status 1") {
  for (const auto* kernel : {"cg", "ep", "ft", "is", "lu", "mg", "bt", "sp"}) {
    INFO(kernel);
    const bool square = std::string(kernel) == "bt" || std::string(kernel) == "sp";
    // Two processes of CG need no sums.
    const int ranks = square ? 1 : std::string(kernel) == "cg" ? 4 : 2;
    const Finished finished = test::launch(ranks, {kernel}, NPB_WITH_BROKEN_MPI);
    CHECK(finished.status == 1);
    CHECK(finished.out.find("Verification    =             UNSUCCESSFUL") != std::string::npos);
    CHECK(finished.out.find("WRONG") != std::string::npos);
  }
}

TEST_CASE("the block is the original's, to the column") {
  const Finished finished = test::launch(2, {"ft", "--class", "s"});
  REQUIRE(finished.status == 0);
  for (const auto* line :
       {"\n FT Benchmark Completed.\n", "\n Class           =                        S\n",
        "\n Size            =             64x  64x  64\n",
        "\n Iterations      =                        6\n",
        "\n Total processes =                        2\n",
        "\n Operation type  =           floating point\n",
        "\n Verification    =               SUCCESSFUL\n"}) {
    INFO(line);
    CHECK(finished.out.find(line) != std::string::npos);
  }
  const NpbBlock block = parse_npb_block(finished.out);
  CHECK(block.kernel == "FT");
  CHECK(block.verified);
  CHECK(block.processes == 2);
}

TEST_CASE("what cannot run is refused with exit status 2 and one message") {
  struct Case {
    int ranks;
    std::vector<std::string> arguments;
    std::string message;
  };
  const std::vector<Case> cases{
      {3, {"ft"}, "FT of class S cannot run with 3 processes: it wants a power of two"},
      {2, {"bt"}, "it wants a square number up to 16 (such as 1)"},
      {3, {"sp"}, "it wants a square number"},
      {3, {"lu"}, "it wants P1 x P2 processes"},
      {1, {"xy"}, "there is no kernel 'xy'; known are: BT, CG, EP, FT, IS, LU, MG, SP"},
      {1, {"ft", "--class", "E"}, "--class: 'E' is none of S, W, A, B, C, D"},
      {1, {"ft", "--class", ""}, "--class: '' is none of S, W, A, B, C, D"},
      {1, {}, "which kernel?"},
      {1, {"ft", "--isa", "z80"}, "--isa: there is no build for 'z80'"},
      {1, {"ft", "--isa", "../x"}, "--isa: there is no build for '../x'"},
      {1, {"ft", "--fast"}, "--fast"},
  };
  for (const auto& [ranks, arguments, message] : cases) {
    const Finished finished = test::launch(ranks, arguments);
    INFO(message << "\n" << finished.err);
    CHECK(finished.status == 2);
    const auto found = finished.err.find(message);
    CHECK(found != std::string::npos);
    if (ranks > 1) CHECK(finished.err.find(message, found + 1) == std::string::npos);
  }
}

TEST_CASE("answers without MPI") {
  for (const auto* option : {"--version", "--help", "--list"}) {
    Command command;
    command.argv = {NPB, option};
    const Finished finished = run(command, std::chrono::seconds{30});
    INFO(option << finished.err);
    CHECK(finished.status == 0);
    CHECK_FALSE(finished.out.empty());
  }
}

}  // namespace
}  // namespace migbench
