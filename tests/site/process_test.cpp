#include "harness/site/process.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <thread>
#include <vector>

#include <unistd.h>

#include "bench/error.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

Command shell(const std::string& script) {
  return {.argv = {"sh", "-c", script}, .env = {}, .directory = {}};
}

}  // namespace

TEST_CASE("both streams, the status and the input") {
  const Finished finished = run(shell("cat; echo err >&2; exit 3"), 10s, {.input = "in"});
  CHECK(finished.status == 3);
  CHECK_FALSE(finished.ok());
  CHECK(finished.out == "in");
  CHECK(finished.err == "err\n");
  CHECK_FALSE(finished.timed_out);
  CHECK(run(shell("cat; pwd"), 10s).ok());
  CHECK(run(shell("kill -TERM $$"), 10s).status == 128 + SIGTERM);
  CHECK(run({.argv = {"pwd"}, .env = {}, .directory = "/usr"}, 10s).out == "/usr\n");
  CHECK(run({.argv = {"sh", "-c", "echo $MARK"}, .env = {{"MARK", "x=y"}}, .directory = {}}, 10s)
            .out == "x=y\n");
}

TEST_CASE("a program that is not there is named") {
  CHECK_THROWS_WITH(run({.argv = {"no-such-program-x"}, .env = {}, .directory = {}}, 1s),
                    Catch::Matchers::Contains("no-such-program-x"));
  CHECK_THROWS_WITH(run({.argv = {"/etc/passwd"}, .env = {}, .directory = {}}, 1s),
                    Catch::Matchers::Contains("/etc/passwd"));
  CHECK_THROWS_AS(run({.argv = {"true"}, .env = {}, .directory = "/nowhere"}, 1s), Error);
  CHECK_THROWS_AS(run({.argv = {}, .env = {}, .directory = {}}, 1s), Error);
}

TEST_CASE("a large output on both streams neither blocks nor grows past the bound") {
  const Finished finished = run(shell("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2"),
                                30s, {.most_output = 1'000'000});
  CHECK(finished.ok());
  CHECK(finished.out.size() == 1'000'000);
  CHECK(finished.err.size() == 1'000'000);
  CHECK(finished.truncated);
}

TEST_CASE("a program writes on while nobody waits for it") {
  Process process =
      Process::start(shell("head -c 3000000 /dev/zero; touch /dev/null; echo end >&2"));
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (process.running() && std::chrono::steady_clock::now() < until)
    ::usleep(1000);
  CHECK_FALSE(process.running());
  const Finished finished = process.wait(1s);
  CHECK(finished.out.size() == 3'000'000);
  CHECK(finished.err == "end\n");
}

TEST_CASE("the deadline ends the whole group, deaf ones too") {
  const Finished finished =
      run(shell("trap '' TERM; sleep 1000 & echo $!; sleep 1000"), 200ms, {.grace = 50ms});
  CHECK(finished.timed_out);
  CHECK_FALSE(finished.ok());
  CHECK(finished.status == 128 + SIGKILL);
  const pid_t child = std::stoi(finished.out);
  const auto until = std::chrono::steady_clock::now() + 10s;
  const auto gone = [child] {
    return ::kill(child, 0) != 0 ||
           run({.argv = {"grep", "-q", "State:.Z", "/proc/" + std::to_string(child) + "/status"},
                .env = {},
                .directory = {}},
               5s)
                   .status == 0;
  };
  while (!gone() && std::chrono::steady_clock::now() < until)
    ::usleep(5000);
  CHECK(gone());
}

TEST_CASE("a child of the program that keeps its output open does not hold up the end") {
  const Finished finished = run(shell("setsid -f sleep 3; echo done"), 30s);
  CHECK(finished.ok());
  CHECK(finished.out == "done\n");
  CHECK(finished.elapsed < 2500ms);
}

TEST_CASE("waiting for a line") {
  Process process = Process::start(shell("printf 'rea'; sleep 0.1; echo 'dy 7'; sleep 1000"),
                                   {.input = {}, .grace = 50ms});
  CHECK(process.wait_for_output("ready", 10s));
  CHECK_FALSE(process.wait_for_output("never", 50ms));
  Process brief = Process::start(shell("echo x"));
  CHECK_FALSE(brief.wait_for_output("y", 10s));
}

TEST_CASE("several at once from threads that end before their processes") {
  std::vector<Process> processes;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      Process process = Process::start(shell("sleep 0.2; echo " + std::to_string(i)));
      const std::lock_guard lock(mutex);
      processes.push_back(std::move(process));
    });
  }
  for (auto& thread : threads)
    thread.join();
  int sum = 0;
  for (Process& process : processes) {
    const Finished finished = process.wait(20s);
    INFO(describe(finished));
    REQUIRE(finished.ok());
    sum += std::stoi(finished.out);
  }
  CHECK(sum == 28);
}

TEST_CASE("a command as a shell reads it") {
  CHECK(
      shell_quote({.argv = {"a", "b c", "", "it's"}, .env = {{"X", "1 2"}}, .directory = "/x y"}) ==
      "cd '/x y' && X='1 2' a 'b c' '' 'it'\\''s'");
  Finished finished;
  finished.command = shell("x");
  finished.status = 2;
  finished.err = "first\nlast line\n";
  finished.elapsed = 2s;
  const std::string text = describe(finished);
  CHECK(text.find("exit status 2") != std::string::npos);
  CHECK(text.find("last line") != std::string::npos);
}

TEST_CASE("what a rank said is shown rather than mpirun's words around it") {
  const std::string frame(74, '-');
  const std::string words = frame + "\nmpirun detected that a process failed\n" + frame + "\n";
  const std::string evidence = "migbench-pin: {\"rank\":0}\n";
  Finished finished;
  finished.command = shell("x");
  finished.status = 1;
  finished.err = evidence + "rank 3: disk full\n" + words;
  CHECK(describe(finished).find("disk full") != std::string::npos);
  CHECK(describe(finished).find("mpirun detected") == std::string::npos);
  finished.err = evidence + words;
  CHECK(describe(finished).find("mpirun detected") != std::string::npos);
}
