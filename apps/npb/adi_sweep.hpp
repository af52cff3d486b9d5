// Solving the lines along one direction through all slices of cells: what BT and SP share.
//
// Lines are eliminated from both ends towards the middle at the same time, and substituted from
// there to both ends: with p cells a line p - 1 messages follow each other where elimination from
// one end to the other and back would need 2 (p - 1). (The two-sided scheme is H. A. van der
// Vorst's, Parallel Computing 5, 1987: "twisted" or "burn at both ends" factorisation.)
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "apps/npb/adi_grid.hpp"
#include "apps/npb/adi_lines.hpp"
#include "apps/npb/phases.hpp"

namespace migbench::npb {

/// One way of the traffic between the cells of a line: `End` is what goes over a border, one a
/// block of lines.
template <class End>
class LineEnds {
 public:
  LineEnds(MPI_Comm comm, Index blocks)
      : comm_(comm),
        mine_(static_cast<std::size_t>(blocks)),
        theirs_(static_cast<std::size_t>(blocks)) {}
  ~LineEnds() { MPI_Wait(&sending_, MPI_STATUS_IGNORE); }
  LineEnds(const LineEnds&) = delete;
  LineEnds& operator=(const LineEnds&) = delete;
  LineEnds(LineEnds&&) = delete;
  LineEnds& operator=(LineEnds&&) = delete;

  /// Where the next message will come from; it may come at once.
  void expect(Index blocks, int from, int tag) {
    MPI_Irecv(theirs_.data(), doubles(blocks), MPI_DOUBLE, from, tag, comm_, &receiving_);
  }
  void wait_for_theirs() { MPI_Wait(&receiving_, MPI_STATUS_IGNORE); }
  /// Until then what was sent last may be read, but not written.
  void wait_for_mine() { MPI_Wait(&sending_, MPI_STATUS_IGNORE); }
  void send(Index blocks, int to, int tag) {
    MPI_Isend(mine_.data(), doubles(blocks), MPI_DOUBLE, to, tag, comm_, &sending_);
  }
  [[nodiscard]] End& mine(Index block) { return mine_[block]; }
  [[nodiscard]] const End& theirs(Index block) const { return theirs_[block]; }

 private:
  [[nodiscard]] static int doubles(Index blocks) {
    return static_cast<int>(blocks * static_cast<Index>(sizeof(End) / sizeof(double)));
  }
  MPI_Comm comm_;
  Array<End> mine_, theirs_;
  MPI_Request sending_ = MPI_REQUEST_NULL;
  MPI_Request receiving_ = MPI_REQUEST_NULL;
};

/// The way through a line that elimination takes.
enum Way : int { kUpwards = 1, kDownwards = -1 };

/// Lines: how a block of lines is solved, with
///   Point     what elimination leaves behind at a point,
///   Border    what elimination in the next cell has to know of this one,
///   Solution  what substitution in this cell has to know of the next one,
///   eliminate(cell, direction, block, line, before, way), border(line, points, way),
///   join(own, other): the other side's solution where elimination from both ends meets,
///   substitute(cell, direction, block, line, solution, way): `solution` becomes this cell's own.
template <class Lines>
class AdiSweeps {
  using Point = typename Lines::Point;
  using Border = typename Lines::Border;
  using Solution = typename Lines::Solution;

 public:
  AdiSweeps(AdiGrid& grid, Phases& phases)
      : grid_(grid),
        phases_(phases),
        solving_{phases.add("solve x", Spent::computing), phases.add("solve y", Spent::computing),
                 phases.add("solve z", Spent::computing)},
        passing_(phases.add("pass line ends", Spent::communicating)),
        across_(grid.cells_across()),
        middle_((across_ + 1) / 2),
        most_(most_in(grid)),
        lines_(grid, most_.points),
        borders_{{{grid.comm(), most_.blocks}, {grid.comm(), most_.blocks}}},
        solutions_{{{grid.comm(), most_.blocks}, {grid.comm(), most_.blocks}}} {
    // A line within one cell is solved in one go, elimination and substitution in the cache.
    const Index kept = across_ == 1 ? most_.points : most_.line_points;
    for (int stage = 0; stage < across_; ++stage)
      kept_.emplace_back(static_cast<std::size_t>(kept));
  }

  /// Solves along `direction` in place of the right-hand side; adds the solution to u after the
  /// last direction.
  void sweep(int direction) {
    const PhaseScope scope(phases_, solving_[static_cast<std::size_t>(direction)]);
    if (across_ == 1) {
      solve_alone(direction);
      return;
    }
    expect_border(direction, kUpwards);
    expect_border(direction, kDownwards);
    for (int step = 0; step < middle_; ++step) {
      eliminate(direction, step, kUpwards);
      if (across_ - 1 - step >= middle_) eliminate(direction, across_ - 1 - step, kDownwards);
    }
    for (Way way : {kUpwards, kDownwards}) {
      const PhaseScope passing(phases_, passing_);
      borders(way).wait_for_theirs();
    }
    for (int step = 0; step < middle_; ++step) {
      substitute(direction, middle_ - 1 - step, kUpwards);
      if (middle_ + step < across_) substitute(direction, middle_ + step, kDownwards);
    }
  }

 private:
  struct Most {
    Index points;       ///< of a line in a cell
    Index blocks;       ///< of lines in a cell
    Index line_points;  ///< points times blocks
  };
  static Most most_in(AdiGrid& grid) {
    Most most{};
    for (const Cell& cell : grid.cells())
      for (int d = 0; d < 3; ++d) {
        const CellLines lines(cell, d);
        most.points = std::max(most.points, lines.points());
        most.blocks = std::max(most.blocks, lines.blocks());
        most.line_points = std::max(most.line_points, lines.points() * lines.blocks());
      }
    return most;
  }

  /// Of elimination in that way; solutions go against the way of the elimination.
  LineEnds<Border>& borders(Way way) { return borders_[way == kUpwards ? 0 : 1]; }
  LineEnds<Solution>& solutions(Way way) { return solutions_[way == kUpwards ? 0 : 1]; }
  [[nodiscard]] int ahead(int direction, Way way) const {
    return way == kUpwards ? grid_.successor(direction) : grid_.predecessor(direction);
  }
  [[nodiscard]] int behind(int direction, Way way) const {
    return way == kUpwards ? grid_.predecessor(direction) : grid_.successor(direction);
  }
  static int tag(int direction, Way way) { return 2 * direction + (way == kUpwards ? 0 : 1); }
  static int solution_tag(int direction, Way way) { return 6 + tag(direction, way); }
  /// All cells of a process have as many blocks of lines at most as that one.
  void expect_border(int direction, Way way) {
    borders(way).expect(most_.blocks, behind(direction, way), tag(direction, way));
  }

  void solve_alone(int direction) {
    Cell& cell = grid_.cell(direction, 0);
    const CellLines lines(cell, direction);
    const Border nothing{};
    for (Index block = 0; block < lines.blocks(); ++block) {
      Solution solution{};
      lines_.eliminate(cell, direction, block, kept_[0].data(), nothing, kUpwards);
      lines_.substitute(cell, direction, block, kept_[0].data(), solution, kUpwards);
    }
  }

  void eliminate(int direction, int stage, Way way) {
    const Cell& cell = grid_.cell(direction, stage);
    const CellLines lines(cell, direction);
    LineEnds<Border>& ends = borders(way);
    const bool outermost = stage == (way == kUpwards ? 0 : across_ - 1);
    {
      const PhaseScope scope(phases_, passing_);
      if (!outermost) ends.wait_for_theirs();
      ends.wait_for_mine();
    }
    const Border nothing{};
    for (Index block = 0; block < lines.blocks(); ++block) {
      Point* line = &kept_[static_cast<std::size_t>(stage)][block * lines.points()];
      lines_.eliminate(cell, direction, block, line, outermost ? nothing : ends.theirs(block), way);
      ends.mine(block) = Lines::border(line, lines.points(), way);
    }
    const PhaseScope scope(phases_, passing_);
    if (!outermost) expect_border(direction, way);
    ends.send(lines.blocks(), ahead(direction, way), tag(direction, way));
  }

  void substitute(int direction, int stage, Way way) {
    Cell& cell = grid_.cell(direction, stage);
    const CellLines lines(cell, direction);
    LineEnds<Solution>& ends = solutions(way);
    const bool innermost = stage == (way == kUpwards ? middle_ - 1 : middle_);
    const bool outermost = stage == (way == kUpwards ? 0 : across_ - 1);
    {
      const PhaseScope scope(phases_, passing_);
      if (!innermost) {
        ends.expect(lines.blocks(), ahead(direction, way), solution_tag(direction, way));
        ends.wait_for_theirs();
      }
      ends.wait_for_mine();
    }
    const Way against = way == kUpwards ? kDownwards : kUpwards;
    for (Index block = 0; block < lines.blocks(); ++block) {
      Point* line = &kept_[static_cast<std::size_t>(stage)][block * lines.points()];
      Solution solution =
          innermost ? Lines::join(borders(way).mine(block), borders(against).theirs(block))
                    : ends.theirs(block);
      lines_.substitute(cell, direction, block, line, solution, way);
      ends.mine(block) = solution;
    }
    if (outermost) return;
    const PhaseScope scope(phases_, passing_);
    ends.send(lines.blocks(), behind(direction, way), solution_tag(direction, way));
  }

  AdiGrid& grid_;
  Phases& phases_;
  std::array<Phases::Id, 3> solving_;
  Phases::Id passing_;
  int across_;
  int middle_;  ///< the first cell that is eliminated downwards
  Most most_;
  Lines lines_;
  std::vector<Array<Point>> kept_;  ///< [cell of a line]: what elimination left on all its lines
  std::array<LineEnds<Border>, 2> borders_;      ///< upwards, downwards
  std::array<LineEnds<Solution>, 2> solutions_;  ///< of lines eliminated upwards, downwards
};

}  // namespace migbench::npb
