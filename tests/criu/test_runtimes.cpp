// Containers of the real runc and the real LXC, moved by them between virtual nodes.
#include <sstream>

#include "harness/environment/runtime.hpp"
#include "tests/criu/move_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

void move_by_runtime(const char* runtime) {
  MovedWriter moved(runtime, runtime);
  move_there_and_back(moved, [](const MoveResult& result) {
    REQUIRE(result.phases.size() == 3);
    CHECK(result.phases[0].name == "dump");
    CHECK(result.phases[1].name == "restore");
    CHECK(result.phases[2].name == "switch");
    CHECK(result.facts.at("images") == "shared");
  });
}

void fail_to_restore(const char* runtime) {
  MovedWriter moved(runtime, runtime);
  const auto migration = moved.technique.prepare(moved.request(1));
  REQUIRE(on(moved.node(1), {"umount", "-l", "/run/containers/c1/root"}).ok());
  REQUIRE(on(moved.node(1), {"rmdir", "/run/containers/c1/root"}).ok());
  const MoveResult result = migration->move();
  INFO(result.reason);
  CHECK_FALSE(result.moved);
  CHECK(result.reason.find("restore") != std::string::npos);
  CHECK(moved.live(0) == 1);
  CHECK(moved.live(1) == 0);
  moved.check_intact();
}

void refuse_to_dump(const char* runtime) {
  MovedWriter moved(runtime, runtime);
  Process nested = moved.instance->start(
      {.argv = {"unshare", "--pid", "--fork", "sleep", "1000"}, .env = {}, .directory = "/"});
  std::this_thread::sleep_for(300ms);
  const MoveResult result = moved.technique.prepare(moved.request(1))->move();
  INFO(result.reason);
  CHECK_FALSE(result.moved);
  CHECK(result.reason.find("checkpoint") != std::string::npos);
  CHECK(moved.live(0) == 1);
  moved.check_intact();
}

void leave_no_group(const char* runtime) {
  std::vector<std::filesystem::path> groups;
  {
    MovedWriter moved(runtime, runtime);
    std::istringstream list(moved.instance->facts().at("cgroup").get<std::string>());
    for (std::string group; std::getline(list, group, ':');) {
      if (group.find("migbench-runtime-") != std::string::npos) groups.emplace_back(group);
    }
    REQUIRE_FALSE(groups.empty());
    // What enters is in the groups that runc made and freezes.
    const Finished said = on(*moved.instance, {"cat", "/proc/self/cgroup"});
    std::istringstream lines(said.out);
    std::size_t found = 0;
    for (std::string line; std::getline(lines, line);)
      found += line.find("migbench-runtime-") == std::string::npos ? 0 : 1;
    CHECK(found == groups.size());
  }
  for (const auto& group : groups) {
    INFO(group);
    CHECK_FALSE(std::filesystem::exists(group));
  }
}

}  // namespace

TEST_CASE("runc moves its container there and back and no page is lost") {
  move_by_runtime("runc");
}

TEST_CASE("lxc moves its container there and back and no page is lost") {
  move_by_runtime("lxc");
}

TEST_CASE("runc whose restore fails: the workload goes on at its source") {
  fail_to_restore("runc");
}

TEST_CASE("lxc whose restore fails: the workload goes on at its source") {
  fail_to_restore("lxc");
}

TEST_CASE("runc that refuses the dump: the source goes on") {
  refuse_to_dump("runc");
}

TEST_CASE("lxc that refuses the dump: the source goes on") {
  refuse_to_dump("lxc");
}

TEST_CASE("containers of runc leave no control group") {
  leave_no_group("runc");
}

TEST_CASE("containers of lxc leave no control group") {
  leave_no_group("lxc");
}
