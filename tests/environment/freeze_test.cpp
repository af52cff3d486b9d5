// The technique `freeze` on real processes.
#include <chrono>

#include <unistd.h>

#include "bench/clock.hpp"
#include "harness/environment/container.hpp"
#include "harness/migration/technique.hpp"
#include "harness/site/nodes/cgroup.hpp"
#include "tests/site/local_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

const Technique& freeze() {
  return Registry<Technique>::instance().at("freeze", "technique");
}

/// Ends as soon as it has stood still for 299 ms between two turns.
const Command kTurns{.argv = {"python3", "-u", "-c",
                              "import time\n"
                              "last, longest = time.monotonic(), 0\n"
                              "print('ready')\n"
                              "while longest < 0.299:\n"
                              "    time.sleep(0.001)\n"
                              "    now = time.monotonic()\n"
                              "    longest, last = max(longest, now - last), now\n"},
                     .env = {},
                     .directory = {}};

}  // namespace

TEST_CASE("freeze stops what runs for the duration, and it goes on") {
  const auto site = local_site({{"nodes", 2}});
  if (const Support missing = freeze().check(site.get()))
    skip_test(missing->reason + "; " + missing->remedy);
  const std::string name = GENERATE("container", "native");
  const auto instance =
      Registry<Environment>::instance()
          .at(name, "environment")
          .bring_up(*site, {.name = "c1", .node = site->nodes()[0].get(), .parameters = {}});
  Process process = instance->start(kTurns);
  REQUIRE(process.wait_for_output("ready", 20s));
  const auto migration = freeze().prepare({.site = site.get(),
                                           .instance = instance.get(),
                                           .destination = nullptr,
                                           .parameters = {{"duration", "300ms"}},
                                           .deadline = 20s});
  const MoveResult result = migration->move();
  CHECK(result.moved);
  REQUIRE(result.phases.size() == 3);
  CHECK(result.phases[0].name == "freeze");
  CHECK(result.phases[1].end_ns - result.phases[1].start_ns >= 300'000'000);
  CHECK(result.phases[2].end_ns == result.done_ns);
  CHECK(result.phases[0].start_ns == result.request_ns);
  const Finished finished = process.wait(20s);
  INFO(describe(finished));
  CHECK(finished.ok());
}

TEST_CASE("a bad duration is refused") {
  const auto site = local_site({{"nodes", 2}});
  if (const Support missing = freeze().check(site.get()))
    skip_test(missing->reason + "; " + missing->remedy);
  const auto instance =
      Registry<Environment>::instance()
          .at("native", "environment")
          .bring_up(*site, {.name = "c1", .node = site->nodes()[0].get(), .parameters = {}});
  for (const nlohmann::json& duration : {nlohmann::json(200), nlohmann::json("200"),
                                         nlohmann::json("-1ms"), nlohmann::json("0ms")}) {
    INFO(duration.dump());
    CHECK_THROWS_AS(freeze().prepare({.site = site.get(),
                                      .instance = instance.get(),
                                      .destination = nullptr,
                                      .parameters = {{"duration", duration}}}),
                    InputError);
  }
}

TEST_CASE("a frozen group that is removed is killed all the same") {
  std::string why;
  const auto root = find_cgroup_root(why);
  if (!root) skip_test(why);
  const auto site = local_site({{"nodes", 2}});
  const auto instance =
      Registry<Environment>::instance()
          .at("container", "environment")
          .bring_up(*site, {.name = "c1", .node = site->nodes()[0].get(), .parameters = {}});
  const auto group = dynamic_cast<ContainerInstance&>(*instance).shell().cgroup();
  freeze_cgroup(group, 10s);
  CHECK(remove_cgroup(group, 10s));
  CHECK_FALSE(std::filesystem::exists(group));
}
