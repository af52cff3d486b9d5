// The command migbench: see harness/cli/ for its subcommands, one file each.
#include "bench/program.hpp"
#include "harness/cli/command_line.hpp"

int main(int argc, char** argv) {
  return migbench::run_program("migbench", [&] {
    return migbench::run_command_line({argv, argv + argc});
  });
}
