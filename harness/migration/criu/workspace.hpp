// The directory of one move on one node: images, log, statistics. In memory, and gone at its end.
#pragma once

#include <filesystem>
#include <string>

#include "harness/site/unique_fd.hpp"

namespace migbench::criu {

class Workspace {
 public:
  /// Below `parent`, under a name of its own; with `name` that very directory, which another node
  /// has made or will use too (a shared file system). Throws Error.
  explicit Workspace(const std::filesystem::path& parent, const std::string& name = "");
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  [[nodiscard]] const std::filesystem::path& images() const noexcept { return images_; }
  [[nodiscard]] const std::filesystem::path& logs() const noexcept { return logs_; }
  [[nodiscard]] int images_descriptor() const noexcept { return images_fd_.get(); }
  [[nodiscard]] int logs_descriptor() const noexcept { return logs_fd_.get(); }

 private:
  std::filesystem::path root_, images_, logs_;
  UniqueFd images_fd_, logs_fd_;
};

/// A named pipe in the place of an image. Throws Error.
void make_fifo(const std::filesystem::path& path);

}  // namespace migbench::criu
