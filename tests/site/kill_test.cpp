// The harness is killed at random moments; nothing of its site may stay.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/programs.hpp"
#include "harness/site/nodes/cgroup.hpp"
#include "harness/site/nodes/site_directory.hpp"
#include "harness/site/process.hpp"
#include "tests/site/local_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

std::string contents(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A holder with a runtime directory of its own, by which all that belongs to it is told from what
/// others make on this machine at the same time.
class Trial {
 public:
  explicit Trial(const std::string& mode) {
    std::string pattern = "/run/migbench-kill-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    base_ = pattern;
    ::setenv("MIGBENCH_RUNTIME_DIR", base_.c_str(), 1);
    links_ = names("/sys/class/net");
    holder_.emplace(Process::start({.argv = {find_program("test_site_holder").string(), mode},
                                    .env = {{"MIGBENCH_RUNTIME_DIR", base_.string()}},
                                    .directory = {}}));
  }
  ~Trial() {
    holder_.reset();
    ::unsetenv("MIGBENCH_RUNTIME_DIR");
    std::error_code ignored;
    fs::remove(base_, ignored);  // only if it is empty
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  Process& holder() { return *holder_; }

  /// Looks on for a while.
  void watch(Nanoseconds time) {
    const auto until = Clock::now() + time;
    do {
      look();
      ::usleep(1000);
    } while (Clock::now() < until);
  }

  /// What stays after the deadline, by name; empty: nothing.
  std::string what_stays(Nanoseconds deadline = 20s) {
    const auto until = Clock::now() + deadline;
    std::string stays;
    do {
      look();
      stays = remains();
      if (stays.empty()) return {};
      ::usleep(5000);
    } while (Clock::now() < until);
    return stays;
  }

  /// Processes that belong to the site: by their environment or their program.
  std::set<pid_t> processes() const {
    std::set<pid_t> found;
    std::error_code error;
    for (fs::directory_iterator entry("/proc", error), end; entry != end; entry.increment(error)) {
      if (error) break;
      const pid_t pid = static_cast<pid_t>(std::atoi(entry->path().filename().c_str()));
      if (pid <= 0 || pid == ::getpid()) continue;
      std::error_code gone;
      const std::string program = fs::read_symlink(entry->path() / "exe", gone).string();
      if (program.find(base_.string()) != std::string::npos ||
          contents(entry->path() / "environ").find(base_.string()) != std::string::npos)
        found.insert(pid);
    }
    return found;
  }

  const fs::path& base() const { return base_; }

 private:
  static std::set<std::string> names(const fs::path& directory) {
    std::set<std::string> found;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; entry != end;
         entry.increment(error)) {
      if (error) break;
      found.insert(entry->path().filename().string());
    }
    return found;
  }

  void look() {
    for (const auto& site : names(base_)) {
      const std::string group = contents(base_ / site / "cgroup");
      if (!group.empty()) groups_.insert(group.substr(0, group.find('\n')));
    }
    if (++looks_ % 50 != 1) return;  // reading all of /proc is dear
    for (const pid_t pid : processes()) {
      std::error_code error;
      const auto own = fs::read_symlink("/proc/self/ns/net", error);
      const auto net = fs::read_symlink(fmt::format("/proc/{}/ns/net", pid), error);
      if (!error && net != own) namespaces_.insert(net.string());
    }
  }

  std::string remains() const {
    for (const auto& name : names(base_))
      return "directory " + name;
    for (const auto& group : groups_) {
      if (fs::exists(group)) return "control group " + group;
    }
    for (const pid_t pid : processes())
      return "process " + std::to_string(pid) + " " + contents(fmt::format("/proc/{}/comm", pid));
    if (contents("/proc/self/mounts").find(base_.string()) != std::string::npos) return "a mount";
    for (const auto& link : names("/sys/class/net")) {
      if (links_.count(link) == 0) return "link " + link;
    }
    std::error_code error;
    for (const auto& pid : names("/proc")) {
      const auto net = fs::read_symlink("/proc/" + pid + "/ns/net", error).string();
      if (!error && namespaces_.count(net) != 0) return "network namespace " + net + " of " + pid;
    }
    return {};
  }

  fs::path base_;
  std::set<std::string> links_, groups_, namespaces_;
  std::optional<Process> holder_;
  int looks_ = 0;
};

void need_rights() {
  (void)local_site({{"nodes", 2}});
}

/// How long the holder takes until it runs everything, on this machine at this time.
Nanoseconds time_to_run() {
  Trial trial("catch");
  const auto begin = Clock::now();
  REQUIRE(trial.holder().wait_for_output("running", 60s));
  const Nanoseconds time = Clock::now() - begin;
  trial.watch(50ms);
  trial.holder().signal(SIGTERM);
  CHECK(trial.what_stays() == "");
  return time;
}

}  // namespace

TEST_CASE("killed at any moment, the harness leaves nothing behind") {
  need_rights();
  const Nanoseconds whole = time_to_run();
  const char* given = std::getenv("MIGBENCH_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                         : std::random_device{}();
  std::cout << "moments by MIGBENCH_SEED=" << seed << ", everything runs after "
            << format_duration(whole) << '\n';
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> part(0, 1.3);
  for (const auto& [number, mode] : std::vector<std::pair<int, std::string>>{{SIGKILL, "hold"},
                                                                             {SIGKILL, "catch"},
                                                                             {SIGKILL, "hold"},
                                                                             {SIGKILL, "hold"},
                                                                             {SIGTERM, "hold"},
                                                                             {SIGTERM, "catch"},
                                                                             {SIGINT, "catch"},
                                                                             {SIGINT, "hold"}}) {
    const auto moment =
        Nanoseconds(static_cast<std::int64_t>(part(random) * static_cast<double>(whole.count())));
    INFO(fmt::format("signal {} to a harness that would {} it, after {}", number, mode,
                     format_duration(moment)));
    Trial trial(mode);
    trial.watch(moment);
    trial.holder().signal(number);
    CHECK(trial.what_stays() == "");
  }
}

TEST_CASE("an exception leaves nothing behind") {
  need_rights();
  Trial trial("throw");
  REQUIRE(trial.holder().wait_for_output("running", 60s));
  trial.watch(1ms);
  const Finished finished = trial.holder().wait(60s);
  CHECK(finished.status == 1);
  CHECK(finished.err.find("in the middle of it") != std::string::npos);
  CHECK(trial.what_stays() == "");
}

TEST_CASE("where the supervisor is killed too, the next start sweeps") {
  need_rights();
  Trial trial("hold");
  REQUIRE(trial.holder().wait_for_output("running", 60s));
  trial.watch(10ms);
  for (const pid_t pid : trial.processes()) {
    if (contents(fmt::format("/proc/{}/comm", pid)) == "migbench-superv\n") ::kill(pid, SIGKILL);
  }
  trial.holder().signal(SIGKILL);
  // The kernel ends the processes; directory and group are for the sweep.
  const auto until = Clock::now() + 20s;
  while (!trial.processes().empty() && Clock::now() < until)
    ::usleep(5000);
  CHECK(trial.processes().empty());
  CHECK_FALSE(fs::is_empty(trial.base()));
  CHECK(sweep_dead_sites().empty());
  CHECK(trial.what_stays() == "");
}
