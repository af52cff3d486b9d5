// Subcommands that are programs of their own.
#pragma once

#include <string>
#include <vector>

#include "bench/error.hpp"

namespace migbench {

/// Becomes `program` (found by find_program) with these arguments; its exit status is ours. Throws
/// Error where it cannot be started.
[[nodiscard]] ExitCode become(const std::string& program,
                              const std::vector<std::string>& arguments);

}  // namespace migbench
