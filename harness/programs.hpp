// Where migbench's own programs and files are: one place that knows both the build tree and an
// installation.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace migbench {

/// The absolute path of a program: beside the running binary first (so that a build tree uses its
/// own), else in PATH. Absolute, because it is used inside nodes whose PATH is another. Throws
/// Error that says what to build or install.
[[nodiscard]] std::filesystem::path find_program(std::string_view name);

/// The same, but an empty path where there is none.
[[nodiscard]] std::filesystem::path look_for_program(std::string_view name);

/// The directories that hold shipped files of this kind ("plans", "schema"), nearest first: the
/// source tree's and the installation's share directory.
[[nodiscard]] std::vector<std::filesystem::path> shared_directories(std::string_view kind);

}  // namespace migbench
