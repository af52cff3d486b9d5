// Files that go with a moved process tree, because they lie in directories of the node's own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "harness/migration/criu/workspace.hpp"

namespace migbench::criu {

/// What the processes have open, mapped or as working directory below one of `directories`: of each
/// the first level ("/tmp/ompi.n1.0" of "/tmp/ompi.n1.0/pid.7/x"), since the files beside it belong
/// to it. To be called while they are stopped.
[[nodiscard]] std::vector<std::filesystem::path> files_below(
    const std::vector<pid_t>& tree, const std::vector<std::string>& directories);

/// Puts them into one archive among the images. Throws Error.
void pack(const std::vector<std::filesystem::path>& files, const Workspace& workspace);
/// Unpacks them at their places; nothing happens where there is no archive. Throws Error.
void unpack(const Workspace& workspace);

}  // namespace migbench::criu
