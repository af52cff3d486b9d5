// LU's two triangular sweeps: the heart of the symmetric successive over-relaxation.
#pragma once

#include <array>
#include <vector>

#include "apps/npb/lu_grid.hpp"

namespace migbench::npb {

/// Time step times the factors of the Jacobians of each direction.
struct LuFactors {
  std::array<double, 3> first{}, second{}, diffusion{};
};

class LuSweeps {
 public:
  LuSweeps(LuGrid& grid, double time_step, Phases& phases);
  /// rsd = lower triangle's inverse times (time step times rsd).
  void lower();
  /// rsd = upper triangle's inverse times rsd; u is advanced by it.
  void upper();

 private:
  template <bool Upper>
  void sweep_diagonal(const LuFactors& whole, const LuFactors& relaxed, Index k, Index t);
  /// Planes first, first + 1 ..., or of the upper triangle first, first - 1 ...
  template <bool Upper>
  void sweep_planes(Index first, Index planes);
  template <class Action>
  void for_each_on_edge(std::size_t direction, Index edge, Index first, Index planes,
                        Action&& action);
  void receive_edges(Index first, Index planes, bool upper);
  void send_edges(Index first, Index planes, bool upper);

  LuGrid& grid_;
  double time_step_;
  Phases& phases_;
  Phases::Id lower_, upper_, passing_;
  std::array<std::vector<double>, 2> outgoing_;
  std::array<std::vector<double>, 2> incoming_;
  std::array<MPI_Request, 2> sending_{MPI_REQUEST_NULL, MPI_REQUEST_NULL};
};

}  // namespace migbench::npb
