// The command line of mpirun, for Open MPI 4 (orte) and 5 (prte).
#pragma once

#include <string>

#include "harness/site/site.hpp"

namespace migbench {

/// What mpirun says of itself; the major version of Open MPI, read once from `mpirun --version`.
struct MpiVersion {
  std::string text;  ///< "mpirun (Open MPI) 4.1.4"
  int major = 4;
};

/// Throws Error where there is no mpirun, or it is not Open MPI's.
[[nodiscard]] const MpiVersion& mpi_version();
/// The same from a given text of `mpirun --version`.
[[nodiscard]] MpiVersion parse_mpi_version(const std::string& text);

struct MpiLaunch {
  std::string agent;    ///< the remote shell's command, without the host
  std::string network;  ///< "10.77.0.0/24": where MPI and its daemons talk; empty: no restriction
  int cores = 0;        ///< of one machine; 0: unknown
  bool shared_machine = false;  ///< all places share those cores
};

/// Throws InputError for a job that cannot be launched: no ranks, an unknown transport, "shm" over
/// several places.
[[nodiscard]] Command mpi_command_line(const MpiJob& job, const MpiLaunch& launch,
                                       const MpiVersion& version);

}  // namespace migbench
