// Runs that are killed, interrupted, altered or used twice.
#include <csignal>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include <sys/wait.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "bench/program.hpp"
#include "tests/catch.hpp"
#include "tests/run/runs.hpp"

using namespace migbench;
using namespace migbench::testing;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> kArgv{"migbench", "resume"};

/// Three cells of four short trials, each of which leaves a line in the journal when it starts.
Plan journalled(const std::filesystem::path& journal, const char* sleep = "0.01") {
  return plan_of(fmt::format(
      R"({{"name": "e", "environment": "fake", "workload": "fake-work", "repetitions": 4,
          "parameters": {{"size": [1, 2, 3], "sleep": "{}", "journal": "{}"}}}})",
      sleep, journal.string()));
}

constexpr const char* kChildRun = "MIGBENCH_TEST_CHILD_RUN";
constexpr const char* kChildCase = "the child of the tests that kill";

/// Goes on with the run in a process of its own: this program again, because the harness's threads
/// do not survive a fork.
pid_t resume_in_child(const std::filesystem::path& path) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::setenv(kChildRun, path.c_str(), 1);
  // What a killed one leaves of the fake site goes with the test.
  ::setenv("TMPDIR", path.parent_path().c_str(), 1);
  ::execl("/proc/self/exe", "test_run", kChildCase, nullptr);
  std::_Exit(98);
}

int wait_status(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void wait_for_lines(const std::filesystem::path& file, std::size_t count) {
  for (int i = 0; i < 2000 && lines_in(file) < count; ++i)
    std::this_thread::sleep_for(5ms);
}

std::string complaint_of_open(const std::filesystem::path& path) {
  try {
    auto run = RunDirectory::open(path, kArgv);
    (void)execute_quietly(run);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

std::filesystem::path finished_run(const TemporaryDirectory& root) {
  auto run = new_run(root.path(), journalled("/dev/null", "0"));
  (void)execute_quietly(run);
  return run.path();
}

}  // namespace

TEST_CASE("a run whose budget is spent goes on where a session is given one of its own") {
  const TemporaryDirectory root;
  auto plan = plan_of(R"({"name": "e", "environment": "fake", "workload": "fake-work",
          "repetitions": 4, "parameters": {"size": [1, 2], "sleep": "0.02"}})",
                      R"("budget": "1us",)");
  const auto path = [&] {
    auto run = new_run(root.path(), plan);
    (void)execute_quietly(run);
    return run.path();
  }();
  const auto spent = read_records(path).size();
  REQUIRE(spent < 8);
  const auto session = [&](std::optional<Nanoseconds> budget) {
    auto run = RunDirectory::open(path, kArgv);
    if (budget) run.set_session_budget(*budget);
    CHECK(execute_quietly(run).exit_code() != ExitCode::failed);
    return read_records(path).size();
  };
  CHECK(session(std::nullopt) == spent);
  CHECK(session(1h) == 8);
  CHECK(run_json(path)["state"] == "finished");
}

TEST_CASE("the child of the tests that kill", "[.]") {
  const char* path = std::getenv(kChildRun);
  if (path == nullptr) return;
  std::_Exit(run_program("test_run", [&] {
    catch_interrupts();
    auto run = RunDirectory::open(path, kArgv);
    return static_cast<int>(execute_quietly(run).exit_code());
  }));
}

TEST_CASE("killed at random moments, a run loses no trial and repeats none") {
  const TemporaryDirectory root;
  const auto journal = root.path() / "journal";
  std::filesystem::path path;
  {
    auto run = new_run(root.path() / "runs", journalled(journal));
    path = run.path();
  }
  std::mt19937 random(1);  // moments differ anyway: the machine's speed does
  int kills = 0;
  std::size_t trials = 0;
  for (int status = -SIGKILL; status == -SIGKILL;) {
    REQUIRE(kills < 200);
    const pid_t child = resume_in_child(path);
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 250 + 20 * kills));
    ::kill(child, SIGKILL);
    status = wait_status(child);
    if (status == -SIGKILL) ++kills;
    if (status != -SIGKILL) CHECK(status == 0);
    const auto now = read_records(path).size();
    CHECK(now >= trials);
    trials = now;
  }
  CHECK(kills > 0);
  std::set<std::string> distinct;
  for (const auto& record : read_records(path)) {
    CHECK(record.outcome == Outcome::ok);
    distinct.insert(record_file_name(record.cell.id, record.trial));
  }
  CHECK(distinct.size() == 12);
  // Each kill costs at most the trial that was running.
  CHECK(lines_in(journal) >= 12);
  CHECK(lines_in(journal) <= 12 + static_cast<std::size_t>(kills));
  CHECK(run_json(path)["state"] == "finished");
  CHECK(run_json(path)["sessions"].size() >= 2);
}

TEST_CASE("SIGTERM ends the running trial, exit code 130, and resume goes on in the same order") {
  const TemporaryDirectory root;
  const auto journal = root.path() / "journal";
  const auto plan = journalled(journal, "0.2");
  std::filesystem::path path;
  {
    auto run = new_run(root.path() / "runs", plan);
    path = run.path();
  }
  const pid_t child = resume_in_child(path);
  wait_for_lines(journal, 3);
  ::kill(child, SIGTERM);
  CHECK(wait_status(child) == 130);
  CHECK(run_json(path)["state"] == "interrupted");
  const auto before = read_records(path);
  CHECK(before.size() == lines_in(journal) - 1);

  CHECK(wait_status(resume_in_child(path)) == 0);
  const auto after = read_records(path);
  REQUIRE(after.size() == 12);
  CHECK(lines_in(journal) == 13);
  for (std::size_t i = 0; i < after.size(); ++i)
    CHECK(after[i].sequence == static_cast<int>(i));
}

TEST_CASE("a finished run has nothing left to do") {
  const TemporaryDirectory root;
  const auto path = finished_run(root);
  auto run = RunDirectory::open(path, kArgv);
  const auto summary = execute_quietly(run);
  CHECK(summary.ok == 12);
  CHECK(read_records(path).size() == 12);
}

TEST_CASE("two migbench do not work in the same run") {
  const TemporaryDirectory root;
  auto run = new_run(root.path(), journalled("/dev/null"));
  CHECK(wait_status(resume_in_child(run.path())) == static_cast<int>(ExitCode::bad_input));
}

TEST_CASE("a run whose plan or cells were altered is not resumed") {
  for (const char* part : {"plan.json", "cells.json"}) {
    const TemporaryDirectory root;
    const auto path = finished_run(root);
    std::ofstream(path / part, std::ios::app) << " ";
    const auto message = complaint_of_open(path);
    CHECK(message.find((path / part).string()) == 0);
    CHECK(message.find("altered") != std::string::npos);
  }
}

TEST_CASE("a corrupted record stops the resume, and is not touched") {
  const TemporaryDirectory root;
  const auto path = finished_run(root);
  const auto victim = path / "records" / record_file_name(read_records(path)[3].cell.id, 2);
  auto text = read_json(victim);
  text["outcome"] = "splendid";
  write_json(victim, text);
  const auto message = complaint_of_open(path);
  CHECK(message.find(victim.string() + ": not a record: at /outcome: 'splendid'") == 0);
  CHECK(read_json(victim) == text);
  // Without it the trial is run again.
  std::filesystem::remove(victim);
  auto run = RunDirectory::open(path, kArgv);
  (void)execute_quietly(run);
  CHECK(read_record(victim).outcome == Outcome::ok);
}

TEST_CASE("what is no run is told from one") {
  const TemporaryDirectory root;
  CHECK(complaint_of_open(root.path() / "nowhere").find("no such directory") != std::string::npos);
  CHECK(complaint_of_open(root.path()).find("is this the directory of a run?") !=
        std::string::npos);
}
