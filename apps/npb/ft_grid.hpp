// FT's three-dimensional transform: the grid over a P1 x P2 array of processes.
#pragma once

#include <mpi.h>

#include "apps/npb/array.hpp"
#include "apps/npb/fft.hpp"
#include "apps/npb/mpi_call.hpp"
#include "apps/npb/phases.hpp"

namespace migbench::npb {

/// How the points are shared out. The processes split y or x by `p1` and z or y by `p2`; up to
/// min(ny, nz) processes p1 is 1, and only one exchange is needed (slabs), as in the original.
///
///   physical field   [z / p2][y / p1 / kLanes][x]          lanes: y
///   spectral field   [x / p1 / kLanes][y / p2][z]          lanes: x
///
/// Both have the lines of the transform that comes next in one piece, so that every one of the
/// three transforms runs inside the first-level cache, and only the steps between them stride.
struct FtLayout {
  FtLayout(int nx, int ny, int nz, int ranks, int rank);
  Index nx, ny, nz;
  int p1, p2;
  int rank1, rank2;  ///< this process's place in the array
  Index groups;      ///< of kLanes x, spectral
  Index y_physical;  ///< y of this process, physical field
  Index y_spectral;  ///< y of this process, spectral field
  Index z_physical;  ///< z of this process, physical field
  [[nodiscard]] Index rows() const { return groups * y_spectral * nz; }
  /// The most processes that a grid can be shared out to.
  [[nodiscard]] static long most_ranks(int nx, int ny, int nz);
};

/// exp(-4 alpha pi^2 n^2 t), which is a product of one factor a direction.
struct FtEvolution {
  Array<double> x;  ///< of this process's spectral points only, as y
  Array<double> y;
  Array<double> z;
};
[[nodiscard]] FtEvolution ft_evolution(const FtLayout& layout, int step);

class FtTransform {
 public:
  FtTransform(const FtLayout& layout, MPI_Comm comm, Phases& phases);
  /// spectral = transform of physical. `physical` is destroyed.
  void forward(Array<ComplexLanes>& physical, Array<ComplexLanes>& spectral);
  /// physical = inverse transform, not scaled, of spectral times the evolution's factors.
  void inverse(const Array<ComplexLanes>& spectral, const FtEvolution& evolution,
               Array<ComplexLanes>& physical);

 private:
  void lines_x_to_y(Index z, ComplexLanes* physical);
  void lines_y_to_x(Index z, ComplexLanes* physical);
  void lines_y(Index z, const ComplexLanes* from, Index from_chunks, ComplexLanes* to,
               Index to_chunks, bool inverse);
  void lines_z_forward(ComplexLanes* spectral);
  void lines_z_inverse(const ComplexLanes* spectral, const FtEvolution& evolution);
  void exchange(const ComplexLanes* from, ComplexLanes* to, MPI_Comm comm, int ranks);
  [[nodiscard]] ComplexLanes* plane(Array<ComplexLanes>& field, Index z);

  FtLayout layout_;
  Communicator comm1_;  ///< the p1 processes of this process's z
  Communicator comm2_;  ///< the p2 processes of this process's x
  Phases& phases_;
  Phases::Id fft_x_, fft_y_, fft_z_, all_to_all_;
  Fft x_, y_, z_;
  Array<ComplexLanes> line_;
  // [process][z][group][y]: what goes from and to the other processes of comm1 and comm2. With one
  // process in a communicator both ends are the same memory.
  Array<ComplexLanes> send1_, receive1_, send2_, receive2_;
};

}  // namespace migbench::npb
