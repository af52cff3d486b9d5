// Moves of a running workload with the real CRIU between virtual nodes: every page arrives, one
// copy lives, nothing is left behind.
#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "harness/migration/pipe_limit.hpp"
#include "tests/criu/move_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> names(const MoveResult& result) {
  std::vector<std::string> found;
  for (const Phase& phase : result.phases)
    found.push_back(phase.name);
  return found;
}

const Phase& phase(const MoveResult& result, const std::string& name) {
  for (const Phase& found : result.phases) {
    if (found.name == name) return found;
  }
  throw Error("no phase " + name);
}

}  // namespace

TEST_CASE("stop-copy moves a container there and back and no page is lost") {
  MovedWriter moved("criu-stop-copy");
  move_there_and_back(moved, [](const MoveResult&) {});
}

TEST_CASE("stop-copy tells its phases and what it sent") {
  MovedWriter moved("criu-stop-copy");
  const MoveResult result = moved.technique.prepare(moved.request(1))->move();
  REQUIRE(result.moved);
  // CRIU is hurried; what it restores is not.
  const Finished hurried = on(moved.node(1), {"sh", "-c",
                                              "for p in /proc/[0-9]*; do read -r name <$p/comm && "
                                              "[ \"$name\" = migbench-memory ] && "
                                              "cut -d' ' -f19,41 $p/stat; done 2>/dev/null"});
  CHECK(hurried.out == "0 0\n");  // niceness, policy
  CHECK(names(result) == std::vector<std::string>{"request", "freeze", "dump", "transfer",
                                                  "restore", "commit", "resume", "switch"});
  CHECK(phase(result, "transfer").details.at("bytes").get<std::uint64_t>() >= 16U << 20U);
  CHECK(phase(result, "transfer").details.at("bytes_per_second").get<double>() > 0);
  // Images are sent while they are dumped.
  CHECK(phase(result, "transfer").start_ns < phase(result, "dump").end_ns);
  CHECK(phase(result, "restore").start_ns >= phase(result, "dump").end_ns);
  CHECK(phase(result, "switch").end_ns <= phase(result, "resume").end_ns);
  CHECK(result.facts.at("images") == "network");
  CHECK(result.facts.at("dump").at("pages_written").get<int>() >= 4096);
  CHECK(result.facts.at("restore").at("pages_restored").get<int>() >= 4096);
}

TEST_CASE("stop-copy with images on a shared file system sends none") {
  MovedWriter moved("criu-stop-copy");
  const auto migration = moved.technique.prepare(moved.request(1, {{"images", "shared"}}));
  const MoveResult result = migration->move();
  INFO(result.reason);
  REQUIRE(result.moved);
  CHECK(result.facts.at("images") == "shared");
  CHECK(phase(result, "transfer").details.at("bytes") == 0);
  moved.check_intact();
}

TEST_CASE("post-copy moves a container there and back and no page is lost") {
  MovedWriter moved("criu-lazy");
  const long before = PipeLimit::current();
  move_there_and_back(moved, [](const MoveResult&) {});
  // The limit is raised as long as a move is prepared, and put back with the last of them.
  CHECK(PipeLimit::current() == before);
}

TEST_CASE("processes of the environment criu are moved with their files") {
  MovedWriter moved("job-checkpoint", "criu");
  Process reader = moved.instance->start(
      {.argv = {"sh", "-c",
                "echo kept >/tmp/mine; exec 5</tmp/mine; sleep 4; read -r word <&5; "
                "echo $word $(cat /tmp/mine)"},
       .env = {},
       .directory = "/"});
  std::this_thread::sleep_for(500ms);
  const MoveResult result = moved.technique.prepare(moved.request(1))->move();
  INFO(result.reason);
  REQUIRE(result.moved);
  CHECK(on(moved.node(0), {"test", "-e", "/tmp/mine"}).status == 1);
  CHECK(reader.wait(20s).out == "kept kept\n");
  moved.check_intact();
}

TEST_CASE("processes of the environment criu are asked at an address that goes with them") {
  MovedWriter moved("job-checkpoint", "criu");
  const std::string address = moved.instance->service_address();
  CHECK(address != moved.instance->address());
  Process server = moved.instance->start(
      {.argv = {find_program("migbench-udp-echo").string(), "--address", address},
       .env = {},
       .directory = "/"});
  REQUIRE(server.wait_for_output("ready", 10s));
  const auto answers = [&] {
    return on(moved.site->head(), {find_program("migbench-udp-probe").string(), "--server", address,
                                   "--duration", "200ms", "--drain", "100ms"})
        .ok();
  };
  CHECK(answers());
  const MoveResult result = moved.technique.prepare(moved.request(1))->move();
  INFO(result.reason);
  REQUIRE(result.moved);
  for (const std::size_t i : {0U, 1U}) {
    const Finished links = on(moved.node(i), {"ip", "-4", "-o", "addr", "show"});
    const bool here = links.out.find(" " + address + "/") != std::string::npos;
    CHECK(here == (i == 1));
    CHECK(links.out.find("lo    inet " + address) == std::string::npos);
  }
  CHECK(answers());
  moved.check_intact();
}

TEST_CASE("a bad parameter is refused with its name") {
  const auto& technique = Registry<Technique>::instance().at("criu-stop-copy", "technique");
  MoveRequest request;
  request.parameters = {{"images", "carrier-pigeon"}};
  CHECK_THROWS_AS(technique.prepare(request), InputError);
  request.parameters = {{"image_directory", "relative"}};
  CHECK_THROWS_AS(technique.prepare(request), InputError);
}

TEST_CASE("the pipe limit is shared, put back, and mended after a crash") {
  if (const auto no = PipeLimit::check(4L << 20U)) skip_test(no->reason);
  const long before = PipeLimit::current();
  {
    const PipeLimit one(4L << 20U);
    CHECK(PipeLimit::current() >= 4L << 20U);
    { const PipeLimit two(4L << 20U); }
    CHECK(PipeLimit::current() >= 4L << 20U);
  }
  CHECK(PipeLimit::current() == before);
  if (const pid_t child = ::fork(); child == 0) {
    const PipeLimit raised(4L << 20U);
    ::raise(SIGKILL);
  } else {
    ::waitpid(child, nullptr, 0);
  }
  CHECK(PipeLimit::current() >= 4L << 20U);
  restore_pipe_limit();
  CHECK(PipeLimit::current() == before);
}
