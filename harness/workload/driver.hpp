// The program that a workload runs: where it is, and whether it is there.
#pragma once

#include <string>
#include <string_view>

#include "bench/error.hpp"

namespace migbench {

/// Its absolute path, or its name alone where it is not here: the nodes' own PATH may have it.
[[nodiscard]] std::string driver_word(std::string_view program);

/// Whether this machine has it.
[[nodiscard]] Support check_driver(std::string_view program);

/// The same, and an mpirun to launch it.
[[nodiscard]] Support check_mpi_driver(std::string_view program);

}  // namespace migbench
