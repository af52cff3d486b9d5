#include "harness/cli/forward.hpp"

#include <cstdio>

#include <unistd.h>

#include "harness/programs.hpp"

namespace migbench {

ExitCode become(const std::string& program, const std::vector<std::string>& arguments) {
  const auto path = find_program(program).string();
  std::vector<char*> argv{const_cast<char*>(program.c_str())};  // execv does not change them
  for (const auto& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::fflush(nullptr);
  ::execv(path.c_str(), argv.data());
  throw system_error("cannot start " + path);
}

}  // namespace migbench
