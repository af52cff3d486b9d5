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

/// Fills the layer around from the other side of the torus and the neighbours. `shared`: false
/// where the level is whole here.
class MgBorders {
 public:
  MgBorders(const MgProcesses& processes, Phases& phases);
  void exchange(const MgShape& shape, Array<double>& field, bool shared);
  /// In z alone, where all planes are wrapped in x and y already.
  void exchange_z(const MgShape& shape, Array<double>& field, bool shared);
  /// Single planes, from this process's first and last to the layers of its neighbours in z; each
  /// begins at (-1, -1). Waits for them.
  void exchange_planes(const MgShape& shape, const double* first, const double* last, double* below,
                       double* above);

 private:
  void exchange_y(const MgShape& shape, Array<double>& field);

  const MgProcesses& processes_;
  Phases& phases_;
  Phases::Id wrapping_, exchanging_;
  std::array<Array<double>, 2> send_, receive_;
};

/// A plane of a level by its point (0, 0), or three that lie one above the other anywhere.
struct MgPlanes {
  const double* below;
  const double* centre;
  const double* above;
  /// Of a field in one piece.
  static MgPlanes of(const MgShape& shape, const Array<double>& field, Index z) {
    const double* centre = field.data() + shape.at(0, z);
    return {centre - shape.plane, centre, centre + shape.plane};
  }
};

/// The layer around in x and y of a plane whose y is not shared out.
void mg_wrap_plane(const MgShape& shape, double* plane);
/// r = v - A u in a plane; `r` may be `v`.
void mg_residual_plane(const MgShape& shape, const MgPlanes& u, const double* v, double* r);
/// u += S r in a plane, or u = S r where `fresh`.
void mg_smooth_plane(const MgShape& shape, const Four& weights, const MgPlanes& r, double* u,
                     bool fresh);
/// Of the points of this process.
[[nodiscard]] double mg_sum_of_squares(const MgShape& shape, const double* plane);
/// A coarse plane, which begins at the first of this process's rows, from three fine ones.
void mg_restrict_plane(const MgShape& fine_shape, const MgPlanes& fine, const MgShape& coarse_shape,
                       double* coarse);
/// One fine plane of mg_interpolate(), z in [-1, nz].
void mg_interpolate_plane(const MgShape& coarse_shape, std::array<Index, 2> offset,
                          const Array<double>& coarse, const MgShape& fine_shape,
                          Array<double>& fine, Index z, bool fresh);

/// The same for all planes. `offset`: of the coarse field's points in y, z on this process in the
/// coarse shape (not 0 where the coarse level is whole here and the fine one shared out).
void mg_residual(const MgShape& shape, const Array<double>& u, const Array<double>& v,
                 Array<double>& r);
void mg_smooth(const MgShape& shape, const Four& weights, const Array<double>& r, Array<double>& u,
               bool fresh);
/// coarse = full weighting of fine.
void mg_restrict(const MgShape& fine_shape, const Array<double>& fine, const MgShape& coarse_shape,
                 std::array<Index, 2> offset, Array<double>& coarse);
/// fine += trilinear interpolation of coarse, or = where `fresh`.
void mg_interpolate(const MgShape& coarse_shape, std::array<Index, 2> offset,
                    const Array<double>& coarse, const MgShape& fine_shape, Array<double>& fine,
                    bool fresh);

}  // namespace migbench::npb
