#include "harness/site/named_site.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "bench/error.hpp"
#include "tests/site/local_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

/// Sites of this test only, taken down whatever happens.
struct OwnSites {
  std::string base = "/run/migbench-named-XXXXXX";
  OwnSites() {
    (void)local_site({{"nodes", 2}});  // or the test is skipped
    REQUIRE(::mkdtemp(base.data()) != nullptr);
    ::setenv("MIGBENCH_RUNTIME_DIR", base.c_str(), 1);
  }
  ~OwnSites() {
    try {
      for (const NamedSite& site : named_sites())
        take_down_named(site.name);
    } catch (const std::exception&) {  // the test has failed already
    }
    ::unsetenv("MIGBENCH_RUNTIME_DIR");
    std::error_code ignored;
    std::filesystem::remove_all(base, ignored);
  }
  OwnSites(const OwnSites&) = delete;
  OwnSites& operator=(const OwnSites&) = delete;
};

}  // namespace

TEST_CASE("named nodes stay up between commands until they are taken down") {
  const OwnSites own;
  CHECK(named_sites().empty());
  const NamedSite made = bring_up_named("lab", {{"nodes", 2}});
  CHECK(made.places == std::vector<std::string>{"head", "n1", "n2"});
  CHECK(made.facts.at("nodes").at(1).at("name") == "n2");
  CHECK_THROWS_AS(bring_up_named("lab", {{"nodes", 2}}), InputError);
  CHECK_THROWS_AS(bring_up_named("../lab", {{"nodes", 2}}), InputError);
  REQUIRE(named_sites().size() == 1);
  CHECK(named_sites()[0].directory == made.directory);

  const Command command =
      enter_named("lab", "n2", {.argv = {"hostname"}, .env = {}, .directory = {}});
  CHECK(run(command, 20s).out == "n2\n");
  CHECK_THROWS_AS(enter_named("lab", "n3", command), InputError);
  CHECK_THROWS_AS(enter_named("attic", "n1", command), InputError);
  {
    const auto site = open_named("lab");
    CHECK(site->nodes().size() == 2);
  }
  REQUIRE(named_sites().size() == 1);  // attaching does not take it down

  (void)bring_up_named("attic", {{"nodes", 2}});
  REQUIRE(named_sites().size() == 2);
  take_down_named("lab");
  CHECK_FALSE(std::filesystem::exists(made.directory));
  REQUIRE(named_sites().size() == 1);
  CHECK(named_sites()[0].name == "attic");
  take_down_named("attic");
  CHECK(named_sites().empty());
  CHECK_THROWS_AS(take_down_named("lab"), InputError);
}
