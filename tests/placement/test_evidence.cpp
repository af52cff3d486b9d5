// What ranks say of themselves, and the program that makes them say it.
#include <fmt/format.h>

#include "bench/sha256.hpp"
#include "harness/placement/evidence.hpp"
#include "harness/placement/seat.hpp"
#include "harness/site/process.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using nlohmann::json;

namespace {

Finished pin(std::vector<std::string> arguments, std::map<std::string, std::string> env = {}) {
  arguments.insert(arguments.begin(), MIGBENCH_PIN);
  return run({.argv = std::move(arguments), .env = std::move(env), .directory = {}},
             std::chrono::seconds(20));
}

}  // namespace

TEST_CASE("witnesses are taken out of what else was complained of") {
  const std::string first = witness_line({1, "n2", "core", {3}, "/bin/b", "bb"});
  const std::string second = witness_line({0, "n1", "core", {0, 1}, "/bin/a", "aa"});
  std::string text = "warning one\n" + first + "warning two\n" + second + "migbench-pin: {half\n";
  const auto found = take_witnesses(text);
  CHECK(text == "warning one\nwarning two\nmigbench-pin: {half\n");
  REQUIRE(found.size() == 2);
  CHECK(found[0].rank == 0);
  CHECK(found[0].cpus == std::vector<unsigned>{0, 1});
  CHECK(found[1].host == "n2");
  CHECK(found[1].sha256 == "bb");
}

TEST_CASE("processors are listed as the kernel lists them") {
  CHECK(cpu_list({8, 2, 0, 1}) == "0-2,8");
  CHECK(cpu_list({5}) == "5");
  CHECK(cpu_list({}).empty());
}

TEST_CASE("behind a guest's processors are those that it is pinned to") {
  const std::vector<Witness> witnesses{{0, "i1", "socket", {0, 1}, "/p", "s"},
                                       {1, "i2", "socket", {0}, "/p", "s"},
                                       {2, "i2", "socket", {0, 1}, "/p", "s"}};
  const json instances{{{"facts", json::object()}}, {{"facts", {{"vcpus", 2}, {"pin", {6}}}}}};
  const json evidence = evidence_of(witnesses, "socket", {1, 2}, instances);
  CHECK(evidence.at("complete") == true);
  CHECK(evidence.at("ranks")[0].at("machine_cpus") == "0-1");
  CHECK(evidence.at("ranks")[1].at("machine_cpus") == "6");
  CHECK(evidence.at("ranks")[2].at("machine_cpus").is_null());
  CHECK(evidence_of({witnesses[0], witnesses[2]}, "socket", {1, 2}, instances).at("complete") ==
        false);
}

TEST_CASE("migbench-pin binds, tells the truth, and becomes the program") {
  const auto expected = Processors().of(Placement::core, seat_of(1, {1, 1}), true);
  Finished finished =
      pin({"--placement", "core", "--groups", "1,1", "--shared", "--", "sh", "-c",
           "grep Cpus_allowed_list /proc/self/status; echo \"$1\"; exit 7", "sh", "two words"},
          {{"OMPI_COMM_WORLD_RANK", "1"}});
  INFO(finished.err);
  CHECK(finished.status == 7);
  CHECK(finished.out == fmt::format("Cpus_allowed_list:\t{}\ntwo words\n", cpu_list(expected)));
  const auto witnesses = take_witnesses(finished.err);
  CHECK(finished.err.empty());
  REQUIRE(witnesses.size() == 1);
  CHECK(witnesses[0].rank == 1);
  CHECK(witnesses[0].cpus == expected);
  CHECK(witnesses[0].sha256 == sha256_of_file(witnesses[0].program));
  CHECK(witnesses[0].program.ends_with("/sh"));
}

TEST_CASE("migbench-pin leaves the program's own options alone") {
  const Finished finished = pin({"--groups", "1,1", "--", "echo", "--groups", "x", "--", "--json"});
  CHECK(finished.out == "--groups x -- --json\n");
}

TEST_CASE("migbench-pin refuses what it cannot do, before the program runs") {
  for (const auto& [arguments, message] :
       {std::pair<std::vector<std::string>, std::string>{{"--placement", "moon", "--", "true"},
                                                         "placement 'moon'"},
        {{"--groups", "2,1", "--print", "2"}, "no group 2"},
        {{"--placement", "core"}, "no program"},
        {{"--groups", "0", "--", "true"}, "--groups"}}) {
    const Finished finished = pin(arguments);
    INFO(finished.err);
    CHECK(finished.status == 2);
    CHECK(finished.err.find(message) != std::string::npos);
  }
  CHECK(pin({"--", "no-such-program"}).status == 1);
  CHECK(pin({"--groups", "1", "--", "echo", "ran"}, {{"OMPI_COMM_WORLD_RANK", "1"}}).out.empty());
}

TEST_CASE("migbench-pin prints a group's processors as libvirt and the plan take them") {
  const Finished finished = pin({"--placement", "free", "--print", "0"});
  CHECK(finished.out == fmt::format("{}\n", fmt::join(allowed_cpus(), ",")));
}
