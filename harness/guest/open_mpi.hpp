// The installed Open MPI, and migbench's own drivers, as parts of a guest.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/guest/tree.hpp"

namespace migbench::guest {

/// Adds daemons, plugins, help texts and configuration of the Open MPI whose mpirun is in PATH;
/// `fabrics`: the plugins for RDMA devices, too. Throws Error where there is none.
void add_open_mpi(HostTree& tree, bool fabrics);

/// The value of one line of `ompi_info --path all --parsable` ("path:bindir:/usr/bin"); empty where
/// it is not there.
[[nodiscard]] std::filesystem::path open_mpi_path(std::string_view listing, std::string_view key);

/// Every program named migbench-* beside migbench itself (or, installed, in its directory), sorted;
/// those of the host's own side are left out.
[[nodiscard]] std::vector<std::filesystem::path> own_drivers();

}  // namespace migbench::guest
