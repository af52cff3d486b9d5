#include "harness/workload/driver.hpp"

#include <fmt/format.h>

#include "harness/programs.hpp"

namespace migbench {

std::string driver_word(std::string_view program) {
  const auto path = look_for_program(program);
  return path.empty() ? std::string(program) : path.string();
}

Support check_driver(std::string_view program) {
  if (!look_for_program(program).empty()) return std::nullopt;
  return Unsupported{fmt::format("{} is not there", program),
                     "build it: scripts/build.sh builds all programs"};
}

Support check_mpi_driver(std::string_view program) {
  if (auto missing = check_driver(program)) return missing;
  if (!look_for_program("mpirun").empty()) return std::nullopt;
  return Unsupported{"mpirun is not in PATH", "install Open MPI: apt-get install openmpi-bin"};
}

}  // namespace migbench
