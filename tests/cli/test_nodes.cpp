// Virtual nodes for working by hand, through the command that people type.
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "tests/catch.hpp"
#include "tests/cli/command.hpp"

using namespace migbench;
using namespace migbench::testing;

namespace {

/// Names of this test only; what it forgets is taken down.
struct OwnNames {
  TemporaryDirectory directory;
  OwnNames() { ::setenv("MIGBENCH_RUNTIME_DIR", directory.path().c_str(), 1); }
  ~OwnNames() { (void)run_migbench({"nodes", "down", "--name", "by-hand"}); }
  OwnNames(const OwnNames&) = delete;
  OwnNames& operator=(const OwnNames&) = delete;
};

Ran on(const std::string& node, const std::vector<std::string>& command) {
  std::vector<std::string> line{"nodes", "exec", "--name", "by-hand", node, "--"};
  line.insert(line.end(), command.begin(), command.end());
  return run_migbench(line);
}

}  // namespace

TEST_CASE("nodes come up, run commands that have options of their own, and go down") {
  const OwnNames own;
  const auto up = run_migbench({"nodes", "up", "--name", "by-hand", "--nodes", "2", "--json"});
  if (up.status == static_cast<int>(ExitCode::nothing_could_run)) skip_test(up.err);
  REQUIRE(up.status == 0);
  CHECK(nlohmann::json::parse(up.out).dump().find("\"n2\"") != std::string::npos);

  CHECK(on("n2", {"hostname"}).out == "n2\n");
  const auto failed = on("n1", {"sh", "-c", "echo --name >&2; exit 7"});
  CHECK(failed.status == 7);
  CHECK(failed.err == "--name\n");

  for (const auto& line : std::vector<std::vector<std::string>>{
           {"nodes", "up", "--name", "by-hand"},
           {"nodes", "exec", "--name", "by-hand", "n5", "--", "true"},
           {"nodes", "exec", "--name", "nobody", "n1", "--", "true"},
           {"nodes", "exec", "--name", "by-hand", "n1"},
           {"nodes", "down", "--name", "nobody"}}) {
    const auto refused = run_migbench(line);
    INFO(refused.err);
    CHECK(refused.status == 2);
    CHECK_FALSE(refused.err.empty());
  }
  CHECK(run_migbench({"nodes", "down", "--name", "by-hand"}).status == 0);
  CHECK(on("n1", {"true"}).status == 2);
}
