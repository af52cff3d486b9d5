// The harness is killed in the middle of a move, at moments from its beginning to its end: its
// agents bring the move to a safe end without it. There is one live copy afterwards, on the one
// node or on the other, and nothing of the move is left.
#include <array>
#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/criu/move_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

/// Prepares and moves in a process of its own, killed so long after the move began. Returns whether
/// it had come to its end before.
bool move_and_kill(const MovedWriter& moved, Nanoseconds moment) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const pid_t harness = ::fork();
  if (harness == 0) {
    try {
      const auto migration = moved.technique.prepare(moved.request(1));
      (void)!::write(writer.get(), "m", 1);
      (void)migration->move();
      (void)!::write(writer.get(), "d", 1);
      for (;;)
        ::pause();
    } catch (const std::exception& error) {
      fmt::print(stderr, "the harness to be killed: {}\n", error.what());
      ::_exit(1);
    }
  }
  writer.reset();
  char said = 0;
  const bool moving = ::read(reader.get(), &said, 1) == 1;
  std::this_thread::sleep_for(moment);
  ::kill(harness, SIGKILL);
  ::waitpid(harness, nullptr, 0);
  REQUIRE(moving);
  return ::read(reader.get(), &said, 1) == 1;
}

/// What a move needs is gone on both nodes.
bool is_clean(const MovedWriter& moved) {
  for (const std::size_t i : {0U, 1U}) {
    const Finished said = on(moved.node(i), {"sh", "-c",
                                             "ls -d /dev/shm/migbench-criu-* 2>/dev/null; "
                                             "for p in /proc/[0-9]*; do read -r n <$p/comm && "
                                             "case $n in criu|migbench-criu-a) echo $n;; esac; "
                                             "done 2>/dev/null"});
    if (!said.out.empty()) return false;
  }
  return true;
}

void check_moments(const char* technique, std::initializer_list<Nanoseconds> moments) {
  for (const Nanoseconds moment : moments) {
    INFO(technique << " killed after " << format_duration(moment));
    MovedWriter moved(technique);
    const bool ended = move_and_kill(moved, moment);
    const auto until = deadline_now_ns() + 30'000'000'000;
    while (!is_clean(moved) && deadline_now_ns() < until)
      std::this_thread::sleep_for(20ms);
    CHECK(is_clean(moved));
    const int here = moved.live(0);
    const int there = moved.live(1);
    CHECK(here + there == 1);
    if (ended) CHECK(there == 1);
    // It is whole wherever it is.
    moved.check_intact(there == 1 ? 1 : 0);
  }
}

}  // namespace

TEST_CASE("harness killed in a stop-copy: one copy goes on") {
  check_moments("criu-stop-copy", {5ms, 30ms, 55ms});
}

TEST_CASE("harness killed in a post-copy: one copy goes on") {
  check_moments("criu-lazy", {30ms, 150ms});
}
