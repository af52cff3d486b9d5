// SP's line solver: three scalar pentadiagonal systems a line, in the characteristic variables of
// the direction.
#pragma once

#include <array>
#include <vector>

#include "apps/npb/adi_grid.hpp"
#include "apps/npb/phases.hpp"

namespace migbench::npb {

class SpSolver {
 public:
  SpSolver(AdiGrid& grid, Phases& phases);
  /// Solves along `direction` in place of the right-hand side; adds the solution to u after the
  /// last direction.
  void sweep(int direction);

 private:
  /// The three eigenvalues' systems: flow, flow plus and flow minus the speed of sound.
  using Three = std::array<Lanes, 3>;
  /// What elimination leaves behind at a point: the solution there is r - c1 times the next one's -
  /// c2 times the one's after it.
  struct Eliminated {
    Three c1;
    Three c2;
    FiveLanes r;
  };
  struct Point {
    Lanes viscous;  ///< diffusion and viscosity
    Lanes velocity;
    Lanes sound;
  };
  using Pair = std::array<Eliminated, 2>;         ///< last but one, last
  using SolutionPair = std::array<FiveLanes, 2>;  ///< next, next but one
  void gather(const Cell& cell, int direction, Index block, Eliminated* line);
  void eliminate_block(const Cell& cell, int direction, Index block, Eliminated* line,
                       const Pair& before);
  void substitute_block(Cell& cell, int direction, Index block, Eliminated* line,
                        SolutionPair& after);
  void scatter(Cell& cell, int direction, Index block, Eliminated* line);
  void eliminate(int direction, int stage);
  void solve_last(int direction);
  void substitute(int direction, int stage);
  template <class Border>
  void pass(Array<Border>& border, Array<Border>& next, Index blocks, Index next_blocks, int to,
            int from, int tag);

  AdiGrid& grid_;
  Phases& phases_;
  std::array<Phases::Id, 3> solving_;
  Phases::Id passing_;
  Array<Point> points_;
  Array<std::array<Lanes, kDerivedCount>> derived_;
  Array<Eliminated> line_;
  std::vector<Array<Eliminated>> eliminated_;  ///< [stage but the last]: all lines of that cell
  Array<Pair> border_, next_border_;
  Array<SolutionPair> border_solution_, next_border_solution_;
};

}  // namespace migbench::npb
