// MG's right-hand side: zero but for twenty points.
#pragma once

#include <mpi.h>

#include "apps/npb/mg_level.hpp"

namespace migbench::npb {

/// -1 where the grid's random numbers are the ten smallest, +1 where they are the ten largest, else
/// 0. Collective.
void place_charges(const MgShape& shape, MPI_Comm comm, Array<double>& field);

}  // namespace migbench::npb
