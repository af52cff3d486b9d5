#include "harness/migration/criu/workspace.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "bench/error.hpp"

namespace migbench::criu {

Workspace::Workspace(const std::filesystem::path& parent, const std::string& name) {
  std::string pattern = (parent / "migbench-criu-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw system_error("make a directory for images in " + parent.string(),
                       "name another with the parameter image_directory");
  root_ = pattern;
  images_ = name.empty() ? root_ / "images" : parent / name;
  logs_ = root_ / "logs";
  std::filesystem::create_directories(images_);
  std::filesystem::create_directories(logs_);
  images_fd_ = open_or_throw(images_.string(), O_RDONLY | O_DIRECTORY);
  logs_fd_ = open_or_throw(logs_.string(), O_RDONLY | O_DIRECTORY);
}

Workspace::~Workspace() {
  std::error_code ignored;
  std::filesystem::remove_all(images_, ignored);
  std::filesystem::remove_all(root_, ignored);
}

void make_fifo(const std::filesystem::path& path) {
  if (::mkfifo(path.c_str(), 0600) != 0) throw system_error("make the pipe " + path.string());
}

}  // namespace migbench::criu
