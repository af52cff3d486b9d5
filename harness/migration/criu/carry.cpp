#include "harness/migration/criu/carry.hpp"

#include <cerrno>
#include <fstream>
#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/error.hpp"

namespace migbench::criu {
namespace {

namespace fs = std::filesystem;

constexpr const char* kArchive = "carried.tar";

/// "/tmp/a" of "/tmp/a/b" below "/tmp"; empty where it is not below.
fs::path first_level(const fs::path& path, const fs::path& directory) {
  const auto relative = path.lexically_relative(directory);
  if (relative.empty() || relative == "." || *relative.begin() == "..") return {};
  return directory / *relative.begin();
}

/// Whether another file system begins there.
bool is_mount_point(const fs::path& path) {
  struct stat own {};
  struct stat above {};
  return ::lstat(path.c_str(), &own) == 0 && ::lstat(path.parent_path().c_str(), &above) == 0 &&
         own.st_dev != above.st_dev;
}

/// The paths that /proc knows of a process: descriptors, mappings, working directory.
std::vector<fs::path> paths_of(pid_t pid) {
  std::vector<fs::path> paths;
  std::error_code error;
  const fs::path proc = fmt::format("/proc/{}", pid);
  for (const char* kind : {"fd", "map_files"}) {
    for (const auto& entry : fs::directory_iterator(proc / kind, error)) {
      auto target = fs::read_symlink(entry.path(), error);
      if (!error) paths.push_back(std::move(target));
    }
  }
  auto working = fs::read_symlink(proc / "cwd", error);
  if (!error) paths.push_back(std::move(working));
  // Listening sockets are known by the path that they were bound to.
  std::ifstream sockets(proc / "net" / "unix");
  for (std::string line; std::getline(sockets, line);) {
    const auto at = line.find(" /");
    if (at != std::string::npos) paths.emplace_back(line.substr(at + 1));
  }
  return paths;
}

void run_tar(const std::vector<std::string>& argv) {
  std::vector<char*> words;
  for (const std::string& word : argv)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw system_error("fork");
  if (pid == 0) {
    ::execvp(words[0], words.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) throw Error(fmt::format("{}: status {:#x}", fmt::join(argv, " "), status));
}

}  // namespace

std::vector<fs::path> files_below(const std::vector<pid_t>& tree,
                                  const std::vector<std::string>& directories) {
  std::set<fs::path> found;
  for (const pid_t pid : tree) {
    for (const fs::path& path : paths_of(pid)) {
      for (const std::string& directory : directories) {
        const auto level = first_level(path, directory);
        std::error_code error;
        // Not what is mounted there (the site's directory is seen by every node), nor unlinked.
        if (!level.empty() && fs::exists(level, error) && !is_mount_point(level))
          found.insert(level);
      }
    }
  }
  return {found.begin(), found.end()};
}

void pack(const std::vector<fs::path>& files, const Workspace& workspace) {
  if (files.empty()) return;
  std::vector<std::string> argv{"tar", "-C", "/", "-cf", (workspace.images() / kArchive).string()};
  for (const fs::path& file : files)
    argv.push_back(file.relative_path().string());
  run_tar(argv);
}

void unpack(const Workspace& workspace) {
  const fs::path archive = workspace.images() / kArchive;
  std::error_code error;
  if (fs::exists(archive, error)) run_tar({"tar", "-C", "/", "-xpf", archive.string()});
}

}  // namespace migbench::criu
