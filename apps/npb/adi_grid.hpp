// The grid of BT and SP: a cube of cells over a square number of processes by multipartitioning
// (Bruno and Cappello; NAS-95-020, section 4.1), so that a sweep along any direction keeps all
// processes busy and only neighbours talk.
//
// p * p processes cut the cube into p * p * p cells; each owns p of them, one in every slice across
// every direction.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <mpi.h>

#include "apps/npb/array.hpp"
#include "apps/npb/cfd.hpp"
#include "apps/npb/kernel.hpp"

namespace migbench::npb {

/// Three indices, one a direction.
using Triple = std::array<int, 3>;

/// Where the points of a cell lie in memory: component by component, x contiguous, two layers of
/// the neighbours' points all around. Rows start at whole vectors; what lies between two rows is
/// margin of both, four points at least.
struct CellShape {
  explicit CellShape(Triple points);
  Triple points;
  Index row;        ///< from y to y + 1
  Index plane;      ///< from z to z + 1
  Index component;  ///< from component to component
  [[nodiscard]] Index at(Index i, Index j, Index k) const {
    return (k + 2) * plane + (j + 2) * row + kMargin + i;
  }
  [[nodiscard]] Index step(int direction) const {
    return direction == 0 ? 1 : (direction == 1 ? row : plane);
  }
  static constexpr Index kMargin = kLanes > 4 ? kLanes : 4;
};

struct Cell {
  Cell(Triple place, Triple low, Triple points, Triple all_points, int cells);
  Triple place;  ///< in the cube of cells
  Triple low;    ///< its first point's global indices
  CellShape shape;
  Triple start;  ///< first and last but one point that is solved for: the grid's faces are not
  Triple end;
  std::array<bool, 3> first;  ///< whether it touches the face at 0 ...
  std::array<bool, 3> last;   ///< ... and the one at 1
  Array<double> u;            ///< 5 components
  Array<double> derived;      ///< kDerivedCount
  Array<double> rhs;          ///< 5; zero outside what is solved for
  Array<double> forcing;      ///< 5
  /// coefficients[direction][point * pitch + index], see line_coefficients()
  std::array<Array<double>, 3> coefficients;
  std::array<Index, 3> coefficient_pitch;
};

class AdiGrid {
 public:
  AdiGrid(const Run& run, int points, double time_step);

  void initialize();      ///< u at the start of the iteration
  void exchange_faces();  ///< the two outer layers of u, from the neighbours
  /// From u: derived quantities on the cells and one layer around, and as the right-hand side the
  /// time step times (forcing + flow terms).
  void compute_rhs();

  /// RMS norms over the whole grid, on all ranks.
  [[nodiscard]] Five error_norm() const;
  [[nodiscard]] Five rhs_norm() const;

  [[nodiscard]] int points() const { return points_; }
  [[nodiscard]] double time_step() const { return time_step_; }
  [[nodiscard]] int cells_across() const { return across_; }
  [[nodiscard]] const std::array<CfdAxis, 3>& axes() const { return axes_; }
  /// This process's cell in slice `stage` across `direction`.
  [[nodiscard]] Cell& cell(int direction, int stage);
  [[nodiscard]] std::vector<Cell>& cells() { return cells_; }
  [[nodiscard]] int predecessor(int direction) const {
    return predecessor_[static_cast<std::size_t>(direction)];
  }
  [[nodiscard]] int successor(int direction) const {
    return successor_[static_cast<std::size_t>(direction)];
  }
  [[nodiscard]] MPI_Comm comm() const { return comm_; }

 private:
  void compute_forcing();
  void fill_exact(Cell& cell) const;
  static void derive_rows(Cell& cell, Index k, Index first, Index end);
  void compute_rows(Cell& cell, double scale, Index first, Index end);
  void compute_cell_rhs(Cell& cell, double scale);
  [[nodiscard]] Five root_mean(const Five& squares) const;

  MPI_Comm comm_;
  int points_;
  int across_;
  double time_step_;
  std::array<CfdAxis, 3> axes_;
  std::vector<Cell> cells_;
  std::array<std::vector<std::size_t>, 3> slices_;
  std::array<int, 3> predecessor_{};
  std::array<int, 3> successor_{};
  std::array<std::vector<double>, 3> send_, receive_;  ///< [direction], both ways
};

/// nullopt where `ranks` is a square and the cells have at least three points across.
[[nodiscard]] std::optional<std::string> refuse_unless_square(int ranks, int points);

}  // namespace migbench::npb
