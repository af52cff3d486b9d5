// SP's lines: three scalar pentadiagonal systems each, in the characteristic variables of the
// direction.
#pragma once

#include <array>

#include "apps/npb/adi_grid.hpp"
#include "apps/npb/adi_sweep.hpp"

namespace migbench::npb {

/// As AdiSweeps wants it.
class SpLines {
 public:
  /// The three eigenvalues' systems: flow, flow plus and flow minus the speed of sound.
  using Three = std::array<Lanes, 3>;
  /// What elimination leaves behind at a point: the solution there is r - c1 times the next one's -
  /// c2 times the one's after it.
  struct Point {
    Three c1;
    Three c2;
    FiveLanes r;
  };
  using Border = std::array<Point, 2>;        ///< last but one, last
  using Solution = std::array<FiveLanes, 2>;  ///< next, next but one

  /// longest: points of a line in a cell.
  SpLines(const AdiGrid& grid, Index longest);
  void eliminate(const Cell& cell, int direction, Index block, Point* line, const Border& before,
                 Way way);
  [[nodiscard]] static Border border(const Point* line, Index points, Way way) {
    return way == kUpwards ? Border{line[points - 2], line[points - 1]} : Border{line[1], line[0]};
  }
  [[nodiscard]] static Solution join(const Border& own, const Border& other);
  void substitute(Cell& cell, int direction, Index block, Point* line, Solution& solution, Way way);

 private:
  struct Coefficients {
    Lanes viscous;  ///< diffusion and viscosity
    Lanes velocity;
    Lanes sound;
  };
  void gather(const Cell& cell, int direction, Index block, Point* line);
  void scatter(Cell& cell, int direction, Index block, Point* line);

  const AdiGrid& grid_;
  Array<Coefficients> coefficients_;  ///< at a line's points, and one more on both sides
  Array<std::array<Lanes, kDerivedCount>> derived_;
};

}  // namespace migbench::npb
