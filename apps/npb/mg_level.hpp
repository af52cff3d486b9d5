// One level of MG's grids: a periodic cube whose y and z are shared out over processes, with one
// layer of neighbours' points around.
#pragma once

#include <array>

#include <mpi.h>

#include "apps/npb/array.hpp"
#include "apps/npb/kernel.hpp"
#include "apps/npb/lanes.hpp"
#include "apps/npb/phases.hpp"

namespace migbench::npb {

/// The processes in y and z, and this one's neighbours on the torus.
struct MgProcesses {
  explicit MgProcesses(const Run& run);
  MPI_Comm comm;
  std::array<int, 2> across{1, 1};                ///< y, z
  std::array<int, 2> place{};                     ///< y, z
  std::array<std::array<int, 2>, 2> neighbour{};  ///< [y, z][lower, upper]
};

/// Shape of a level on this process.
struct MgShape {
  /// `processes`: null where every process has the whole level.
  MgShape(int points, const MgProcesses* processes);
  Index points;                ///< of the whole cube, in each direction, and of this process in x
  Index ny, nz;                ///< of this process
  std::array<Index, 2> low{};  ///< global index of its first point in y, z
  Index row;                   ///< from y to y + 1
  Index plane;                 ///< from z to z + 1
  static constexpr Index kMargin = kLanes > 4 ? kLanes : 4;
  /// The row of points with x = 0 at (y, z), -1 <= y <= ny, -1 <= z <= nz.
  [[nodiscard]] Index at(Index y, Index z) const {
    return (z + 1) * plane + (y + 1) * row + kMargin;
  }
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(plane * (nz + 2)); }
};

using Four = std::array<double, 4>;  ///< for centre, faces, edges and corners of a 3 x 3 x 3 cube

/// Fills the layer around from the other side of the torus and the neighbours. `processes`: null
/// where the level is whole here.
class MgBorders {
 public:
  MgBorders(const MgProcesses& processes, Phases& phases);
  void exchange(const MgShape& shape, Array<double>& field, bool shared);

 private:
  void exchange_y(const MgShape& shape, Array<double>& field);
  void exchange_z(const MgShape& shape, Array<double>& field);

  const MgProcesses& processes_;
  Phases& phases_;
  Phases::Id wrapping_, exchanging_;
  std::array<Array<double>, 2> send_, receive_;
};

/// r = v - A u at the process's points; `r` may be `v`.
void mg_residual(const MgShape& shape, const Array<double>& u, const Array<double>& v,
                 Array<double>& r);
/// u += S r, or u = S r where `fresh`.
void mg_smooth(const MgShape& shape, const Four& weights, const Array<double>& r, Array<double>& u,
               bool fresh);
/// coarse = full weighting of fine. `offset`: of the coarse field's points in y, z on this process
/// in the coarse shape (not 0 where the coarse level is whole here and the fine one shared out).
void mg_restrict(const MgShape& fine_shape, const Array<double>& fine, const MgShape& coarse_shape,
                 std::array<Index, 2> offset, Array<double>& coarse);
/// fine += trilinear interpolation of coarse, or = where `fresh`. `offset` as above.
void mg_interpolate(const MgShape& coarse_shape, std::array<Index, 2> offset,
                    const Array<double>& coarse, const MgShape& fine_shape, Array<double>& fine,
                    bool fresh);

}  // namespace migbench::npb
