// Solving the lines along one direction through all slices of cells: what BT and SP share.
//
// Lines are eliminated from both ends towards the middle at the same time, and substituted from
// there to both ends: with p cells a line, p - 1 messages follow each other (p where p is odd),
// where elimination from one end to the other and back would need 2 (p - 1). (The two-sided scheme
// is H. A. van der Vorst's, Parallel Computing 5, 1987: "twisted" factorisation.)
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "apps/npb/adi_ends.hpp"
#include "apps/npb/adi_grid.hpp"
#include "apps/npb/adi_lines.hpp"
#include "apps/npb/phases.hpp"

namespace migbench::npb {

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
        longest_((grid.points() + across_ - 1) / across_),
        lines_(grid, longest_) {
    // A line within one cell is solved in one go, elimination and substitution in the cache.
    if (across_ > 1) set_portions();
    for (int stage = 0; stage < across_; ++stage)
      kept_.emplace_back(static_cast<std::size_t>(portions_ * portion_ * longest_));
    for (Index portion = 0; portion < portions_ && across_ > 1; ++portion)
      traffic_.emplace_back(grid.comm(), portion_, across_ == 2);
  }

  /// Solves along `direction` in place of the right-hand side; adds the solution to u after the
  /// last direction.
  void sweep(int direction) {
    const PhaseScope scope(phases_, solving_[static_cast<std::size_t>(direction)]);
    if (across_ == 1) {
      solve_alone(direction);
      return;
    }
    Index blocks = 0;
    for (int stage = 0; stage < across_; ++stage)
      blocks = std::max(blocks, CellLines(grid_.cell(direction, stage), direction).blocks());
    for (Index first = 0; first < blocks; first += portions_ * portion_)
      solve_portions(direction, first);
  }

 private:
  /// Some blocks of lines of a cell.
  struct Part {
    int direction;
    int stage;
    Way way;
    Index portion;  ///< of those under way
    Index first;    ///< block
    Index blocks;   ///< may be none
  };

  /// What elimination leaves of the lines should stay in the cache until substitution. Where that
  /// is so for all lines of a direction, few messages are best; else portions of a block of lines,
  /// which MPI sends at once rather than ask the receiver first, and so many at a time as the cache
  /// has room for beside the fields. The same on all processes.
  void set_portions() {
    const Index line = across_ * longest_ * static_cast<Index>(sizeof(Point));
    const Index blocks = std::max<Index>((longest_ * longest_ + kLanes - 1) / kLanes, longest_);
    if (blocks * line <= kWholeBytes)
      portion_ = blocks;
    else
      portions_ = std::clamp<Index>(kKeptBytes / line, 2, blocks);
  }

  Part part(int direction, int stage, Way way, Index portion, Index first) {
    const Index begin = first + portion * portion_;
    const Index blocks = CellLines(grid_.cell(direction, stage), direction).blocks();
    return {direction, stage, way, portion, begin, std::clamp<Index>(blocks - begin, 0, portion_)};
  }

  /// The portions from block `first` on: one is computed while another's messages travel.
  void solve_portions(int direction, Index first) {
    for (int step = 0; step < middle_; ++step)
      for (Index portion = 0; portion < portions_; ++portion)
        eliminate(part(direction, step, kUpwards, portion, first),
                  part(direction, across_ - 1 - step, kDownwards, portion, first));
    for (int step = 0; step < middle_; ++step)
      for (Index portion = 0; portion < portions_; ++portion) {
        substitute(part(direction, middle_ - 1 - step, kUpwards, portion, first));
        if (middle_ + step < across_)
          substitute(part(direction, middle_ + step, kDownwards, portion, first));
      }
  }

  /// The messages of a portion, by the way in which the lines they come from are eliminated.
  struct Traffic {
    Traffic(MPI_Comm comm, Index blocks, bool together)
        : border(comm, blocks, together),
          border_behind(comm, blocks, false),
          met(comm, blocks, together),
          solution(comm, blocks, false),
          solution_ahead(comm, blocks, false) {}
    LineEnds<Border> border;         ///< sent to the cell ahead
    LineEnds<Border> border_behind;  ///< received from the one behind
    LineEnds<Border> met;            ///< received where both ways meet
    LineEnds<Solution> solution;     ///< sent to the cell behind
    LineEnds<Solution> solution_ahead;
  };
  Traffic& traffic(const Part& part) { return traffic_[static_cast<std::size_t>(part.portion)]; }
  Point* kept(const Part& part, Index block) {
    return &kept_[static_cast<std::size_t>(part.stage)]
                 [(part.portion * portion_ + block) * longest_];
  }
  static Way opposite(Way way) { return way == kUpwards ? kDownwards : kUpwards; }
  static std::size_t number(Way way) { return way == kUpwards ? 0 : 1; }
  [[nodiscard]] int towards(int direction, Way way) const {
    return way == kUpwards ? grid_.successor(direction) : grid_.predecessor(direction);
  }
  [[nodiscard]] int ahead(const Part& part) const { return towards(part.direction, part.way); }
  [[nodiscard]] int behind(const Part& part) const {
    return towards(part.direction, opposite(part.way));
  }
  enum Content : int { kBorder, kMeeting, kSolution, kContents };
  static int tag(Content content, const Part& part, Way way) {
    // Portions follow each other in the same order everywhere.
    return (part.direction * 2 + static_cast<int>(number(way))) * kContents + content;
  }
  [[nodiscard]] bool outermost(const Part& part) const {
    return part.stage == (part.way == kUpwards ? 0 : across_ - 1);
  }
  [[nodiscard]] bool innermost(const Part& part) const {
    return part.stage == (part.way == kUpwards ? middle_ - 1 : middle_);
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

  void eliminate(const Part& up, const Part& down) {
    if (across_ > 2) {
      eliminate_and_pass(up);
      if (down.stage >= middle_) eliminate_and_pass(down);
      return;
    }
    // The other process of the line is ahead in both ways: one message takes both borders.
    if (up.blocks == 0 && down.blocks == 0) return;
    Traffic& with = traffic(up);
    {
      const PhaseScope scope(phases_, passing_);
      with.met.expect(0, ahead(up), tag(kMeeting, up, kUpwards));
      with.border.wait(0);
    }
    eliminate_part(up);
    eliminate_part(down);
    const PhaseScope scope(phases_, passing_);
    with.border.send(0, ahead(up), tag(kMeeting, up, kUpwards));
  }

  void eliminate_and_pass(const Part& part) {
    if (part.blocks == 0) return;
    Traffic& with = traffic(part);
    const std::size_t way = number(part.way);
    {
      const PhaseScope scope(phases_, passing_);
      const Way against = opposite(part.way);
      if (innermost(part))
        with.met.expect(number(against), ahead(part), tag(kMeeting, part, against));
      if (!outermost(part)) with.border_behind.wait(way);
      with.border.wait(way);
    }
    eliminate_part(part);
    const PhaseScope scope(phases_, passing_);
    if (!innermost(part))  // for the next cell
      with.border_behind.expect(way, behind(part), tag(kBorder, part, part.way));
    with.border.send(way, ahead(part), tag(innermost(part) ? kMeeting : kBorder, part, part.way));
  }

  void eliminate_part(const Part& part) {
    const Cell& cell = grid_.cell(part.direction, part.stage);
    const Index points = cell.shape.points[static_cast<std::size_t>(part.direction)];
    Traffic& with = traffic(part);
    const std::size_t way = number(part.way);
    const Border nothing{};
    for (Index block = 0; block < part.blocks; ++block) {
      Point* line = kept(part, block);
      lines_.eliminate(cell, part.direction, part.first + block, line,
                       outermost(part) ? nothing : with.border_behind.at(way, block), part.way);
      with.border.at(way, block) = Lines::border(line, points, part.way);
    }
  }

  void substitute(const Part& part) {
    if (part.blocks == 0) return;
    Cell& cell = grid_.cell(part.direction, part.stage);
    Traffic& with = traffic(part);
    const std::size_t way = number(part.way);
    const std::size_t against = number(opposite(part.way));
    {
      const PhaseScope scope(phases_, passing_);
      if (innermost(part)) {
        with.met.wait(against);
      } else {
        with.solution_ahead.expect(way, ahead(part), tag(kSolution, part, part.way));
        with.solution_ahead.wait(way);
      }
      with.solution.wait(way);
    }
    for (Index block = 0; block < part.blocks; ++block) {
      Solution solution = innermost(part)
                              ? Lines::join(with.border.at(way, block), with.met.at(against, block))
                              : with.solution_ahead.at(way, block);
      lines_.substitute(cell, part.direction, part.first + block, kept(part, block), solution,
                        part.way);
      with.solution.at(way, block) = solution;
    }
    if (outermost(part)) return;
    const PhaseScope scope(phases_, passing_);
    with.solution.send(way, behind(part), tag(kSolution, part, part.way));
  }

  static constexpr Index kWholeBytes = Index{1536} << 10U;  // most of a second-level cache
  static constexpr Index kKeptBytes = Index{256} << 10U;
  AdiGrid& grid_;
  Phases& phases_;
  std::array<Phases::Id, 3> solving_;
  Phases::Id passing_;
  int across_;
  int middle_;          ///< the first cell of a line that is eliminated downwards
  Index longest_;       ///< points of a line in a cell
  Index portion_ = 1;   ///< blocks of lines in a message
  Index portions_ = 1;  ///< under way at the same time
  Lines lines_;
  std::vector<Array<Point>> kept_;  ///< [cell of a line]: what elimination left
  std::vector<Traffic> traffic_;    ///< [portion]
};

}  // namespace migbench::npb
