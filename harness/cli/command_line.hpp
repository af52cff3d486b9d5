// The command line of migbench, from its arguments to its exit code.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace migbench {

/// Runs `migbench ARGS...`; argv[0] is the program. Throws what the subcommand throws: call it
/// inside run_program().
[[nodiscard]] int run_command_line(const std::vector<std::string>& argv);

}  // namespace migbench
