#include "harness/site/nodes/mounts.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "bench/error.hpp"
#include "harness/site/unique_fd.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

/// The first level of `path` below `directory` ("/tmp/clone" of "/tmp/clone/build" below "/tmp");
/// empty where it is not below it.
fs::path first_level(const fs::path& directory, const fs::path& path) {
  const auto relative = path.lexically_normal().lexically_relative(directory);
  if (relative.empty() || relative == "." || *relative.begin() == "..") return {};
  return directory / *relative.begin();
}

}  // namespace

void mount_or_throw(const std::string& source, const std::string& target, const char* type,
                    unsigned long flags, const char* data) {
  if (::mount(source.empty() ? nullptr : source.c_str(), target.c_str(), type, flags, data) != 0)
    throw system_error(
        fmt::format("mount {} {} over {}", type == nullptr ? "" : type, source, target),
        "CAP_SYS_ADMIN is needed (run as root)");
}

void bind_over(const fs::path& source, const fs::path& target, bool recursive) {
  std::error_code error;
  if (fs::is_directory(source, error)) {
    fs::create_directories(target, error);
  } else {
    fs::create_directories(target.parent_path(), error);
    const UniqueFd file(::open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  }
  mount_or_throw(source.string(), target.string(), nullptr,
                 MS_BIND | (recursive ? static_cast<unsigned long>(MS_REC) : 0UL));
}

void make_read_only(const fs::path& target) {
  // The flags that the file system has anyway must be named again, or the kernel refuses.
  struct statvfs now {};
  unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;
  if (::statvfs(target.c_str(), &now) == 0) {
    if ((now.f_flag & ST_NOSUID) != 0) flags |= MS_NOSUID;
    if ((now.f_flag & ST_NODEV) != 0) flags |= MS_NODEV;
    if ((now.f_flag & ST_NOEXEC) != 0) flags |= MS_NOEXEC;
  }
  mount_or_throw("", target.string(), "read-only", flags);
}

void make_mounts_private() {
  mount_or_throw("none", "/", nullptr, MS_REC | MS_PRIVATE);
}

void hide_behind_tmpfs(const std::vector<fs::path>& hidden, const std::vector<fs::path>& visible) {
  // Opened first, since afterwards their paths are hidden.
  std::map<fs::path, UniqueFd> kept;
  for (const fs::path& directory : hidden) {
    for (const fs::path& path : visible) {
      const fs::path level = first_level(directory, path);
      std::error_code error;
      if (level.empty() || kept.contains(level) || !fs::is_directory(level, error)) continue;
      kept.emplace(level, open_or_throw(level.string(), O_PATH | O_DIRECTORY));
    }
  }
  for (const fs::path& directory : hidden) {
    const bool sticky = directory != "/run";
    mount_or_throw("tmpfs", directory.string(), "tmpfs", MS_NOSUID | MS_NODEV,
                   sticky ? "mode=1777" : "mode=755");
  }
  for (const auto& [path, fd] : kept)
    bind_over(fmt::format("/proc/self/fd/{}", fd.get()), path, true);
}

std::vector<fs::path> file_system_mounts() {
  static const std::set<std::string_view> kKernelMade{
      "proc",    "sysfs",     "devtmpfs",   "devpts",    "tmpfs",   "ramfs",      "cgroup",
      "cgroup2", "mqueue",    "debugfs",    "tracefs",   "pstore",  "securityfs", "configfs",
      "fusectl", "bpf",       "nsfs",       "hugetlbfs", "autofs",  "efivarfs",   "binfmt_misc",
      "rootfs",  "selinuxfs", "rpc_pipefs", "nfsd",      "squashfs"};
  std::ifstream mounts("/proc/self/mounts");
  std::set<fs::path> found;
  std::string device, path, type, rest;
  while (mounts >> device >> path >> type && std::getline(mounts, rest)) {
    if (path != "/" && !kKernelMade.contains(type) && path.find('\\') == std::string::npos)
      found.insert(path);
  }
  return {found.begin(), found.end()};
}

}  // namespace migbench
