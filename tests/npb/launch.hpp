// Runs migbench-npb, under mpirun where it has several ranks.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "harness/site/process.hpp"

namespace migbench::test {

inline Finished launch(int ranks, const std::vector<std::string>& arguments,
                       const std::string& program = NPB) {
  Command command;
  if (ranks > 1)
    command.argv = {MPIRUN, "--oversubscribe",     "--bind-to", "none",
                    "-n",   std::to_string(ranks), program};
  else
    command.argv = {program};  // MPI without a launcher: a job of one rank
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.env = {{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
                 {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
                 {"OMPI_MCA_mpi_yield_when_idle", "1"},
                 {"OMPI_MCA_rmaps_base_oversubscribe", "1"},
                 {"PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe"}};
  return run(command, std::chrono::seconds{120});
}

}  // namespace migbench::test
