// BT's lines: block tridiagonal systems.
#pragma once

#include "apps/npb/adi_grid.hpp"
#include "apps/npb/adi_sweep.hpp"
#include "apps/npb/bt_blocks.hpp"

namespace migbench::npb {

/// As AdiSweeps wants it.
class BtLines {
 public:
  /// What elimination leaves behind at a point: the solution there is r - c times the next one's.
  struct Point {
    BtBlock c;
    FiveLanes r;
  };
  using Border = Point;
  using Solution = FiveLanes;

  /// longest: points of a line in a cell.
  BtLines(const AdiGrid& grid, Index longest);
  void eliminate(const Cell& cell, int direction, Index block, Point* line, const Border& before,
                 Way way);
  [[nodiscard]] static const Border& border(const Point* line, Index points, Way way) {
    return line[way == kUpwards ? points - 1 : 0];
  }
  [[nodiscard]] static Solution join(const Border& own, const Border& other);
  void substitute(Cell& cell, int direction, Index block, const Point* line, Solution& solution,
                  Way way);

 private:
  void gather(const Cell& cell, int direction, Index block, Point* line);
  void scatter(Cell& cell, int direction, Index block);

  const AdiGrid& grid_;
  Array<FlowState> states_;    ///< at a line's points, and one more on both sides
  Array<FiveLanes> solution_;  ///< at a line's points
};

}  // namespace migbench::npb
