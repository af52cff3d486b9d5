// LU's two triangular sweeps: the heart of the symmetric successive over-relaxation.
#pragma once

#include <array>
#include <vector>

#include "apps/npb/lu_grid.hpp"

namespace migbench::npb {

class LuSweeps {
 public:
  LuSweeps(LuGrid& grid, double time_step, Phases& phases);
  /// rsd = lower triangle's inverse times (time step times rsd).
  void lower();
  /// rsd = upper triangle's inverse times rsd; u is advanced by it.
  void upper();

 private:
  template <bool Upper>
  void sweep_plane(Index k);
  void receive_edges(Index k, bool upper);
  void send_edges(Index k, bool upper);

  LuGrid& grid_;
  double time_step_;
  Phases& phases_;
  Phases::Id lower_, upper_, passing_;
  std::array<std::vector<double>, 2> outgoing_;
  std::array<std::vector<double>, 2> incoming_;
  std::array<MPI_Request, 2> sending_{MPI_REQUEST_NULL, MPI_REQUEST_NULL};
};

}  // namespace migbench::npb
