// BT's line solver: block tridiagonal systems along one direction, through all slices of cells.
#pragma once

#include <vector>

#include "apps/npb/adi_grid.hpp"
#include "apps/npb/bt_blocks.hpp"
#include "apps/npb/phases.hpp"

namespace migbench::npb {

class BtSolver {
 public:
  BtSolver(AdiGrid& grid, Phases& phases);
  /// Solves along `direction` in place of the right-hand side; adds the solution to u after the
  /// last direction.
  void sweep(int direction);

 private:
  /// What elimination leaves behind at a point: the solution there is r - c times the next one's.
  struct Eliminated {
    BtBlock c;
    FiveLanes r;
  };
  void eliminate(int direction, int stage);
  void solve_last(int direction);
  void substitute(int direction, int stage);
  void eliminate_block(const Cell& cell, int direction, Index block, Eliminated* line,
                       const Eliminated& before);
  void substitute_block(Cell& cell, int direction, Index block, const Eliminated* line,
                        FiveLanes& after);
  template <class Border>
  void pass(Array<Border>& border, Array<Border>& next, Index blocks, Index next_blocks, int to,
            int from, int tag);

  AdiGrid& grid_;
  Phases& phases_;
  std::array<Phases::Id, 3> solving_;
  Phases::Id passing_;
  Array<FlowState> states_;
  Array<FiveLanes> solution_;
  Array<Eliminated> line_;
  std::vector<Array<Eliminated>> eliminated_;  ///< [stage but the last]: all lines of that cell
  // What goes from cell to cell, one a block of lines: elimination forwards, solutions backwards.
  Array<Eliminated> border_, next_border_;
  Array<FiveLanes> border_solution_, next_border_solution_;
};

}  // namespace migbench::npb
