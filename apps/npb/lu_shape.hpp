// Where LU's points lie in memory.
//
// The triangular sweeps go through the points of a plane in diagonals: all points with the same
// i + j depend on the diagonals before only. So memory is skewed: a row holds one diagonal, and the
// lanes lie along it. A neighbour in any direction is still at a fixed distance, which is all that
// the right-hand side wants to know.
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include "apps/npb/lanes.hpp"

namespace migbench::npb {

/// Two layers of the neighbours' points around in x and y, one of nothing below and above in z
/// (the five-point line reaches there with a coefficient of 0). Rows t = i + j, along them j.
struct LuShape {
  /// j_low: the first j that is solved for; the vectors begin there.
  LuShape(Index nx, Index ny, Index nz, Index j_low);
  Index nx, ny, nz;
  Index row;        ///< from diagonal to diagonal
  Index plane;      ///< from z to z + 1
  Index component;  ///< from component to component
  Index before;     ///< from a row's beginning to j = 0
  static constexpr Index kMargin = kLanes > 4 ? kLanes : 4;
  [[nodiscard]] Index at(Index i, Index j, Index k) const {
    return (k + 1) * plane + (i + j + 4) * row + before + j;
  }
  [[nodiscard]] std::array<Index, 3> steps() const { return {row, row + 1, plane}; }
};

/// A part of a plane: [low, high) in both indices.
struct LuPatch {
  Index i_low, i_high, j_low, j_high;
  [[nodiscard]] Index first_diagonal() const { return i_low + j_low; }
  [[nodiscard]] Index last_diagonal() const { return i_high + j_high - 2; }
  /// The j where the vector with the point (., j) begins: vectors are aligned to j_low.
  [[nodiscard]] Index vector_of(Index j) const { return j_low + (j - j_low) / kLanes * kLanes; }
  /// The j of a diagonal's points, [first, second).
  [[nodiscard]] std::pair<Index, Index> on_diagonal(Index t) const {
    return {std::max(j_low, t - i_high + 1), std::min(j_high, t - i_low + 1)};
  }
};

}  // namespace migbench::npb
