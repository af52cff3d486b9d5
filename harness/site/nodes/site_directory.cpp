#include "harness/site/nodes/site_directory.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/site/nodes/cgroup.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

bool is_old(const fs::path& path) {
  std::error_code error;
  const auto written = fs::last_write_time(path, error);
  return !error && fs::file_time_type::clock::now() - written > std::chrono::minutes(1);
}

}  // namespace

fs::path sites_directory() {
  const char* chosen = std::getenv("MIGBENCH_RUNTIME_DIR");
  if (chosen != nullptr && *chosen == '/') return chosen;
  if (::geteuid() == 0) return "/run/migbench";
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/') return fs::path(runtime) / "migbench";
  return fmt::format("/tmp/migbench-{}", ::geteuid());
}

SiteDirectory make_site_directory(const std::string& prefix) {
  const fs::path base = sites_directory();
  std::error_code error;
  fs::create_directories(base, error);
  if (error) throw Error(fmt::format("mkdir {}: {}", base.string(), error.message()));
  std::string path = (base / (prefix + "-XXXXXX")).string();
  if (::mkdtemp(path.data()) == nullptr) throw system_error("mkdtemp " + path);
  SiteDirectory made{path, open_or_throw(path + "/lock", O_RDWR | O_CREAT, 0600)};
  if (::flock(made.lock.get(), LOCK_EX | LOCK_NB) != 0) throw system_error("lock " + path);
  ::chmod(path.c_str(), 0755);
  return made;
}

std::vector<std::string> remove_site_remains(const fs::path& site) {
  std::vector<std::string> stays;
  std::ifstream file(site / "cgroup");
  std::string group;
  if (std::getline(file, group) && !group.empty() && !remove_cgroup(group, std::chrono::seconds(5)))
    stays.push_back(group);
  std::error_code error;
  // The lock goes last: as long as it is there, a later sweep finds the rest.
  for (fs::directory_iterator entry(site, error), end; entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->path().filename() != "lock" && entry->path().filename() != "cgroup")
      fs::remove_all(entry->path(), ignored);
  }
  if (stays.empty()) fs::remove_all(site, error);
  if (fs::exists(site, error)) stays.push_back(site.string());
  return stays;
}

std::vector<std::string> sweep_dead_sites() {
  std::vector<std::string> stays;
  std::error_code error;
  for (fs::directory_iterator entry(sites_directory(), error), end; entry != end;
       entry.increment(error)) {
    if (error) break;
    std::error_code gone;
    if (!entry->is_directory(gone)) continue;
    const UniqueFd lock(::open((entry->path() / "lock").c_str(), O_RDWR | O_CLOEXEC));
    const bool held = lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0;
    // Without a lock its maker is between mkdir and open, unless that was long ago.
    if (held || (!lock && !is_old(entry->path()))) continue;
    for (auto& name : remove_site_remains(entry->path()))
      stays.push_back(std::move(name));
  }
  return stays;
}

}  // namespace migbench
