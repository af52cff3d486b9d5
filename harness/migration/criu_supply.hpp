// The CRIU that really works on this machine.
#pragma once

#include <filesystem>
#include <string>

#include "bench/error.hpp"

namespace migbench {

struct CriuSupply {
  std::filesystem::path program;  ///< empty: none works, and `why` says so
  std::string version;
  Support why;
};

/// Tries $MIGBENCH_CRIU, `criu` in PATH and the one that scripts/criu.sh puts into a private
/// directory, in this order: each has to dump and to restore a process with a UDP socket and an
/// established TCP connection. That takes 0.3 s; the outcome is kept in the user's cache directory
/// for this kernel and these files, and within the process.
[[nodiscard]] const CriuSupply& criu_supply();

/// Where scripts/criu.sh puts it: $MIGBENCH_PREFIX/criu, else below the user's cache directory.
[[nodiscard]] std::filesystem::path private_criu();

}  // namespace migbench
