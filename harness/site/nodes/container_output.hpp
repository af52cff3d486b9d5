// What a command in a container prints and how it ends, through files below the site's directory.
//
// The command cannot hold a pipe to the outside, or CRIU could not move it; so its output goes to
// files that it opens inside the container, and a wrapper in there writes its exit status to a
// third. They are read here, wherever the container is by then.
#pragma once

#include <filesystem>
#include <string>

#include "harness/site/nodes/wire.hpp"

namespace migbench {

class ContainerOutput {
 public:
  /// Throws Error where it cannot make its directory.
  ContainerOutput(std::filesystem::path site, std::string place);
  ~ContainerOutput();
  ContainerOutput(const ContainerOutput&) = delete;
  ContainerOutput& operator=(const ContainerOutput&) = delete;

  /// Makes `request` run its command under the wrapper. Standard input, where it is a file or a
  /// pipe, is read to its end into a file first.
  void wrap(ExecRequest& request);

  /// Copies what is new to this process's own output; true when the command has ended. Throws Error
  /// where the container is gone.
  [[nodiscard]] bool pump();
  [[nodiscard]] int status() const noexcept { return status_; }

  static constexpr int kPollMilliseconds = 5;

 private:
  struct Stream {
    UniqueFd file;
    int to = -1;
  };
  static void copy(const Stream& stream);
  [[nodiscard]] bool ended();

  std::filesystem::path site_, directory_;
  std::string place_;
  Stream out_, err_;
  int status_ = -1;
};

}  // namespace migbench
