// LU's grid: x and y shared out over a P1 x P2 array of processes, z whole.
//
// The triangular sweeps go through the points of a plane in diagonals: all points with the same
// i + j depend on the diagonals before only. So memory is skewed: a row holds one diagonal, and the
// lanes lie along it. A neighbour in any direction is still at a fixed distance, which is all that
// the right-hand side wants to know.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <mpi.h>

#include "apps/npb/array.hpp"
#include "apps/npb/cfd.hpp"
#include "apps/npb/kernel.hpp"
#include "apps/npb/phases.hpp"

namespace migbench::npb {

/// Two layers of the neighbours' points around in x and y, one of nothing below and above in z
/// (the five-point line reaches there with a coefficient of 0). Rows t = i + j, along them j.
struct LuShape {
  LuShape(Index nx, Index ny, Index nz);
  Index nx, ny, nz;
  Index row;        ///< from diagonal to diagonal
  Index plane;      ///< from z to z + 1
  Index component;  ///< from component to component
  static constexpr Index kMargin = kLanes > 4 ? kLanes : 4;
  [[nodiscard]] Index at(Index i, Index j, Index k) const {
    return (k + 1) * plane + (i + j + 4) * row + kMargin + j;
  }
  [[nodiscard]] std::array<Index, 3> steps() const { return {row, row + 1, plane}; }
};

/// A part of a plane: [low, high) in both indices.
struct LuPatch {
  Index i_low, i_high, j_low, j_high;
  [[nodiscard]] Index first_diagonal() const { return i_low + j_low; }
  [[nodiscard]] Index last_diagonal() const { return i_high + j_high - 2; }
  /// The j of a diagonal's points, [first, second).
  [[nodiscard]] std::pair<Index, Index> on_diagonal(Index t) const {
    return {std::max(j_low, t - i_high + 1), std::min(j_high, t - i_low + 1)};
  }
};

class LuGrid {
 public:
  LuGrid(const Run& run, int points);

  void initialize();
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
  void exchange_u();
  void add_flow_terms(double forcing_factor);
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
  std::array<std::array<int, 2>, 2> neighbours_{};
  Array<double> forcing_;
  std::array<Array<double>, 2> line_;  ///< coefficients along lanes: x against, y with the lanes
  Index line_pitch_;
  std::vector<std::array<double, 5>> across_;  ///< coefficients in z
  std::array<std::vector<double>, 2> send_, receive_;
};

/// P1 >= P2 >= P1 / 2 with P1 * P2 = ranks, as the original wants it; nullopt where there are none.
[[nodiscard]] std::optional<std::pair<int, int>> lu_process_array(int ranks);
[[nodiscard]] std::optional<std::string> refuse_unless_lu_array(int ranks, int points);

}  // namespace migbench::npb
