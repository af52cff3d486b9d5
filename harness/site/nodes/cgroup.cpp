#include "harness/site/nodes/cgroup.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/site/unique_fd.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

bool version_two(const fs::path& group) {
  return ::access((group / "cgroup.events").c_str(), F_OK) == 0;
}

bool put(const fs::path& file, const char* value) {
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  return fd && ::write(fd.get(), value, std::char_traits<char>::length(value)) >= 0;
}

std::string contents(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

bool frozen_is(const fs::path& group, bool frozen) {
  if (version_two(group)) {
    return contents(group / "cgroup.events").find(frozen ? "frozen 1" : "frozen 0") !=
           std::string::npos;
  }
  return contents(group / "freezer.state").rfind(frozen ? "FROZEN" : "THAWED", 0) == 0;
}

void set_frozen(const fs::path& group, bool frozen, Nanoseconds deadline) {
  const bool two = version_two(group);
  const fs::path file = group / (two ? "cgroup.freeze" : "freezer.state");
  // Opened before the change: poll() reports what changes after the last read.
  const UniqueFd events(::open((group / "cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
  const char* value = two ? (frozen ? "1" : "0") : (frozen ? "FROZEN" : "THAWED");
  if (!put(file, value)) throw system_error("write " + file.string());
  const std::int64_t until = deadline_now_ns() + deadline.count();
  while (!frozen_is(group, frozen)) {
    if (deadline_now_ns() >= until)
      throw Error(fmt::format("{}: not {} after {}", group.string(), frozen ? "frozen" : "thawed",
                              format_duration(deadline)));
    pollfd change{events.get(), POLLPRI, 0};
    ::poll(&change, events ? 1 : 0, 1);  // at most 1 ms: version 1 has no events to wait for
  }
}

/// The groups of a tree, the innermost first.
std::vector<fs::path> tree(const fs::path& group) {
  std::vector<fs::path> groups;
  std::error_code ignored;
  for (fs::recursive_directory_iterator entry(group, ignored), end; entry != end;
       entry.increment(ignored)) {
    if (ignored) break;
    if (entry->is_directory(ignored)) groups.push_back(entry->path());
  }
  std::reverse(groups.begin(), groups.end());
  groups.push_back(group);
  return groups;
}

/// cgroup.kill (Linux 5.14) also kills what is frozen and what forks; before it, by number.
void kill_all(const fs::path& group) {
  if (put(group / "cgroup.kill", "1")) return;
  std::ifstream procs(group / "cgroup.procs");
  for (pid_t pid = 0; procs >> pid;)
    ::kill(pid, SIGKILL);
  if (!version_two(group)) put(group / "freezer.state", "THAWED");
}

}  // namespace

std::optional<CgroupRoot> find_cgroup_root(std::string& why) {
  std::ifstream mounts("/proc/self/mounts");
  std::optional<CgroupRoot> second, first;
  std::string device, path, type, options, rest;
  while (mounts >> device >> path >> type >> options && std::getline(mounts, rest)) {
    if (type == "cgroup2") second = CgroupRoot{path, 2};
    if (type == "cgroup" && (',' + options + ',').find(",freezer,") != std::string::npos)
      first = CgroupRoot{path, 1};
  }
  why = "no cgroup file system is mounted";
  for (const auto& root : {second, first}) {
    if (!root) continue;
    const fs::path probe = root->path / fmt::format("migbench-probe-{}", ::getpid());
    const bool made = ::mkdir(probe.c_str(), 0755) == 0;
    const Error error = system_error("mkdir " + probe.string());
    const bool freezes =
        made && ::access((probe / (root->version == 2 ? "cgroup.freeze" : "freezer.state")).c_str(),
                         W_OK) == 0;
    if (made) ::rmdir(probe.c_str());
    if (freezes) return root;
    why = made ? root->path.string() + " has no freezer (Linux 5.2 or newer is needed)"
               : error.what();
  }
  return std::nullopt;
}

void make_cgroup(const fs::path& group) {
  std::error_code error;
  fs::create_directories(group, error);
  if (error) throw Error(fmt::format("mkdir {}: {}", group.string(), error.message()));
}

void freeze_cgroup(const fs::path& group, Nanoseconds deadline) {
  set_frozen(group, true, deadline);
}

void thaw_cgroup(const fs::path& group, Nanoseconds deadline) {
  set_frozen(group, false, deadline);
}

bool remove_cgroup(const fs::path& group, Nanoseconds deadline) {
  const std::int64_t until = deadline_now_ns() + deadline.count();
  std::error_code ignored;
  while (fs::exists(group, ignored)) {
    for (const fs::path& each : tree(group)) {
      kill_all(each);
      ::rmdir(each.c_str());
    }
    if (!fs::exists(group, ignored)) break;
    if (deadline_now_ns() >= until) return false;
    ::poll(nullptr, 0, 2);  // killed processes leave the group when they are reaped
  }
  return true;
}

}  // namespace migbench
