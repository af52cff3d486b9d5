// docs/adding.md promises that one file with one registration line is enough: these are the files
// that it shows.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "bench/clock.hpp"
#include "harness/environment/environment.hpp"
#include "harness/migration/technique.hpp"
#include "tests/catch.hpp"

using namespace migbench;
namespace fs = std::filesystem;

namespace {

std::string contents(const fs::path& path) {
  std::ifstream file(path);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const SiteKind& local_site() {
  return Registry<SiteKind>::instance().at("local", "site");
}

}  // namespace

TEST_CASE("what one file registers can be found and is listed beside the others") {
  const auto* nice = Registry<Environment>::instance().find("nice");
  REQUIRE(nice != nullptr);
  CHECK_FALSE(nice->check(nullptr));
  CHECK(Registry<Environment>::instance().find("native") != nullptr);
  const auto* sigstop = Registry<Technique>::instance().find("sigstop");
  REQUIRE(sigstop != nullptr);
  CHECK(Registry<Technique>::instance().find("freeze") != nullptr);
}

TEST_CASE("the page shows the files as they are") {
  const auto page = contents(fs::path(MIGBENCH_DOCS) / "adding.md");
  for (const auto* name : {"environment_nice.cpp", "technique_sigstop.cpp"}) {
    INFO(name);
    CHECK(page.find("```cpp\n" + contents(fs::path(MIGBENCH_DOCS) / "examples" / name) + "```") !=
          std::string::npos);
  }
}

TEST_CASE("the example environment runs commands at the lowest priority") {
  if (const auto why = local_site().check({{"kind", "local"}, {"nodes", 2}}))
    skip_test(why->reason);
  const auto site = local_site().bring_up({{"kind", "local"}, {"nodes", 2}});
  const auto& nice = Registry<Environment>::instance().at("nice", "environment");
  const auto instance =
      nice.bring_up(*site, {"i1", site->nodes().front().get(), nlohmann::json::object()});
  // Relative to the priority that the test itself was started with, and 19 at the most.
  const auto own = site->nodes().front()->run({{"nice"}}, std::chrono::seconds{20});
  const auto priority = instance->run({{"nice"}}, std::chrono::seconds{20});
  REQUIRE(own.ok());
  REQUIRE(priority.ok());
  CHECK(std::stoi(priority.out) == std::min(19, std::stoi(own.out) + 19));
}

TEST_CASE("the example technique stops a container for as long as it says") {
  if (const auto why = local_site().check({{"kind", "local"}, {"nodes", 2}}))
    skip_test(why->reason);
  const auto site = local_site().bring_up({{"kind", "local"}, {"nodes", 2}});
  const auto& container = Registry<Environment>::instance().at("container", "environment");
  if (const auto why = container.check(site.get())) skip_test(why->reason);
  const auto instance =
      container.bring_up(*site, {"i1", site->nodes().front().get(), nlohmann::json::object()});
  // Writes a line every 10 ms; the longest time between two lines is the pause, seen from outside.
  auto ticker = instance->start({{"sh", "-c", "while :; do echo tick; sleep 0.01; done"}});
  REQUIRE(ticker.wait_for_output("tick", std::chrono::seconds{20}));
  const auto& sigstop = Registry<Technique>::instance().at("sigstop", "technique");
  const auto migration = sigstop.prepare(
      {site.get(), instance.get(), nullptr, {{"duration", "300ms"}}, std::chrono::seconds{10}});
  const auto result = migration->move();
  CHECK(result.moved);
  REQUIRE(result.phases.size() == 2);
  CHECK(result.phases[0].name == "freeze");
  CHECK(result.phases[1].name == "thaw");
  CHECK(result.phases[1].start_ns - result.phases[0].end_ns >= 300'000'000);
  CHECK(ticker.running());
}
