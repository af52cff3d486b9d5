// LU's grid: x and y shared out over a P1 x P2 array of processes, z whole.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <mpi.h>

#include "apps/npb/array.hpp"
#include "apps/npb/cfd.hpp"
#include "apps/npb/kernel.hpp"
#include "apps/npb/lu_faces.hpp"
#include "apps/npb/lu_shape.hpp"
#include "apps/npb/phases.hpp"

namespace migbench::npb {

class LuGrid {
 public:
  LuGrid(const Run& run, int points);

  /// u at the start, and rsd from it.
  void initialize();
  /// Plane k of u has got its new values: the neighbours will want them. From the top down.
  void send_faces(Index k);
  /// rsd from u, of which all planes have been sent.
  void compute_rhs();
  [[nodiscard]] Five rhs_norm() const;
  [[nodiscard]] Five error_norm() const;
  [[nodiscard]] double surface_integral() const;

  [[nodiscard]] const LuShape& shape() const { return shape_; }
  /// The points that are solved for.
  [[nodiscard]] const LuPatch& inner() const { return inner_; }
  [[nodiscard]] const std::array<CfdAxis, 3>& axes() const { return axes_; }
  [[nodiscard]] MPI_Comm comm() const { return comm_; }
  /// Rank of the neighbour at the lower (0) or upper (1) end in x (0) or y (1), or MPI_PROC_NULL.
  [[nodiscard]] int neighbour(std::size_t direction, std::size_t end) const {
    return neighbours_[direction][end];
  }

  Array<double> u;        ///< 5 components
  Array<double> derived;  ///< kDerivedCount
  Array<double> rsd;      ///< 5: the right-hand side, then the solution of the sweeps

 private:
  /// Of plane k the diagonals [first, end).
  void derive_diagonals(Index k, Index t_first, Index t_end);
  void add_flow_terms(Index k, Index t_first, Index t_end, double forcing_factor);
  template <class BeforePlane>
  void compute_flow_terms(double forcing_factor, BeforePlane&& before_plane);
  [[nodiscard]] Five root_mean(const Five& squares) const;
  [[nodiscard]] Five exact_at(Index i, Index j, Index k) const;
  template <class Action>
  void for_each(const LuPatch& patch, Index k_low, Index k_high, Action&& action) const;

  MPI_Comm comm_;
  Phases* phases_;
  Phases::Id right_side_, exchanging_;
  Index points_;
  std::array<Index, 2> low_{};  ///< global indices of the first point
  LuShape shape_;
  LuPatch inner_{};
  std::array<CfdAxis, 3> axes_;
  LuFaces::Neighbours neighbours_{};
  Array<double> forcing_;
  std::array<Array<double>, 2> line_;  ///< coefficients along lanes: x against, y with the lanes
  Index line_pitch_;
  std::vector<std::array<double, 5>> across_;  ///< coefficients in z
  std::optional<LuFaces> faces_;
};

/// P1 >= P2 >= P1 / 2 with P1 * P2 = ranks, as the original wants it; nullopt where there are none.
[[nodiscard]] std::optional<std::pair<int, int>> lu_process_array(int ranks);
[[nodiscard]] std::optional<std::string> refuse_unless_lu_array(int ranks, int points);

}  // namespace migbench::npb
