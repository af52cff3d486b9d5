// What can go wrong in the middle of a move, with the real components: the source keeps or gets
// back a running workload, there are never two, and nothing stays behind.
#include <csignal>
#include <thread>

#include "tests/criu/move_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

/// The move failed, and all is as before.
void check_still_there(MovedWriter& moved, const MoveResult& result, const std::string& why) {
  INFO(result.reason);
  CHECK_FALSE(result.moved);
  CHECK(result.reason.find(why) != std::string::npos);
  CHECK(moved.instance->node().name() == moved.node(0).name());
  CHECK(moved.live(0) == 1);
  moved.check_intact();
}

}  // namespace

TEST_CASE("destination without space: the source goes on") {
  MovedWriter moved("criu-stop-copy");
  for (std::size_t i : {0U, 1U}) {
    REQUIRE(on(moved.node(i),
               {"sh", "-c", "mkdir /run/small && mount -t tmpfs -o size=4m tmpfs /run/small"})
                .ok());
  }
  const auto migration =
      moved.technique.prepare(moved.request(1, {{"image_directory", "/run/small"}}));
  check_still_there(moved, migration->move(), "No space left");
  CHECK(moved.live(1) == 0);
  // Nor does a failure spoil what comes after it.
  moved.check_clean();
}

TEST_CASE("a move that failed can be made again") {
  MovedWriter moved("criu-stop-copy");
  REQUIRE(on(moved.node(1),
             {"sh", "-c", "mkdir /run/small && mount -t tmpfs -o size=4m tmpfs /run/small"})
              .ok());
  REQUIRE(on(moved.node(0), {"mkdir", "/run/small"}).ok());
  {
    const auto migration =
        moved.technique.prepare(moved.request(1, {{"image_directory", "/run/small"}}));
    CHECK_FALSE(migration->move().moved);
  }
  const MoveResult again = moved.technique.prepare(moved.request(1))->move();
  INFO(again.reason);
  REQUIRE(again.moved);
  CHECK(moved.live(1) == 1);
  moved.check_intact();
}

TEST_CASE("restore fails: the source goes on") {
  MovedWriter moved("criu-stop-copy");
  const auto migration = moved.technique.prepare(moved.request(1));
  REQUIRE(on(moved.node(1), {"umount", "-l", "/run/containers/c1/root"}).ok());
  check_still_there(moved, migration->move(), "criu restore");
  CHECK(moved.live(1) == 0);
}

TEST_CASE("dump refused: the source goes on") {
  MovedWriter moved("criu-stop-copy");
  // A pid namespace inside the container's is more than CRIU can dump.
  Process nested = moved.instance->start(
      {.argv = {"unshare", "--pid", "--fork", "sleep", "1000"}, .env = {}, .directory = "/"});
  std::this_thread::sleep_for(300ms);
  const auto migration = moved.technique.prepare(moved.request(1));
  check_still_there(moved, migration->move(), "criu dump");
  CHECK(moved.live(1) == 0);
}

TEST_CASE("deadline passed: the source goes on") {
  MovedWriter moved("criu-stop-copy", "container", "64MiB");
  throttle(moved.node(0), "40mbit");  // 64 MiB take 13 s
  const auto migration =
      moved.technique.prepare(moved.request(1, nlohmann::json::object(), 1500ms));
  const auto start = deadline_now_ns();
  const MoveResult result = migration->move();
  CHECK(deadline_now_ns() - start < 12'000'000'000);
  check_still_there(moved, result, "deadline");
  CHECK(moved.live(1) == 0);
}

TEST_CASE("network cut during transfer: the source goes on") {
  MovedWriter moved("criu-stop-copy", "container", "64MiB");
  throttle(moved.node(0), "40mbit");
  const auto migration = moved.technique.prepare(moved.request(1, nlohmann::json::object(), 4s));
  std::thread cut([&moved] {
    std::this_thread::sleep_for(1s);
    (void)on(moved.node(1), {"ip", "link", "set", "eth0", "down"});
  });
  const MoveResult result = migration->move();
  cut.join();
  check_still_there(moved, result, "deadline");
  CHECK(moved.live(1) == 0);
}

TEST_CASE("destination dies during transfer: the source goes on") {
  MovedWriter moved("criu-stop-copy", "container", "64MiB");
  throttle(moved.node(0), "40mbit");
  auto migration = moved.technique.prepare(moved.request(1, nlohmann::json::object(), 6s));
  const pid_t init = as_local(&moved.node(1))->init();
  std::thread killer([init] {
    std::this_thread::sleep_for(1s);
    ::kill(init, SIGKILL);
  });
  const MoveResult result = migration->move();
  killer.join();
  check_still_there(moved, result, "");
}

TEST_CASE("post-copy that breaks off before its commit: the source goes on") {
  MovedWriter moved("criu-lazy");
  const auto migration = moved.technique.prepare(moved.request(1));
  REQUIRE(on(moved.node(1), {"umount", "-l", "/run/containers/c1/root"}).ok());
  check_still_there(moved, migration->move(), "criu restore");
  CHECK(moved.live(1) == 0);
}
