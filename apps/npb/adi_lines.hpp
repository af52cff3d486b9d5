// The lines of a cell along one direction, kLanes of them at a time: what the line solvers of BT
// and SP work on.
#pragma once

#include <algorithm>
#include <array>

#include "apps/npb/adi_grid.hpp"

namespace migbench::npb {

/// kLanes lines of a cell side by side. Lanes lie along x, from the end of one row on into the
/// next; lines along x themselves are any kLanes rows.
class LineBlock {
 public:
  /// Points [from, to) of the lines to out[0], out[stride] ... Lanes without a line get numbers
  /// from beside the others.
  [[gnu::always_inline]] void gather(const double* field, Index from, Index to, Lanes* out,
                                     Index stride) const {
    if (along_x_) {
      for (Index at = from; at < to; at += kLanes) {
        Tile tile;
        for (std::size_t lane = 0; lane < kLanes; ++lane)
          tile[lane] = load(field + rows_[lane] + at);
        transpose(tile);
        for (Index in_tile = 0; in_tile < kLanes && at + in_tile < to; ++in_tile, out += stride)
          *out = tile[static_cast<std::size_t>(in_tile)];
      }
    } else if (in_first_ == kLanes) {
      const double* line = field + first_;
      for (Index at = from; at < to; ++at, out += stride)
        *out = load(line + at * step_);
    } else {
      const auto first = lane_numbers() < static_cast<double>(in_first_);
      for (Index at = from; at < to; ++at, out += stride)
        *out = first ? load(field + first_ + at * step_) : load(field + second_ + at * step_);
    }
  }

  /// A hint that point `at` of the lines will be wanted soon.
  [[gnu::always_inline]] void prefetch(const double* field, Index at) const {
    const Index where = along_x_
                            ? rows_[static_cast<std::size_t>(at % kLanes)] + at / kLanes * kLanes
                            : first_ + at * step_;
    __builtin_prefetch(field + where, 1);
  }

  /// Hands the values at in[0], in[stride] ... to all points of the lines. `combine`: what is
  /// stored, of what is there and the new value.
  template <class Combine>
  [[gnu::always_inline]] void scatter(const Lanes* in, Index stride, double* field,
                                      const Combine& combine) const {
    if (along_x_) {
      for (Index at = 0; at < points_; at += kLanes) {
        Tile tile{};
        for (Index in_tile = 0; in_tile < kLanes && at + in_tile < points_; ++in_tile, in += stride)
          tile[static_cast<std::size_t>(in_tile)] = *in;
        transpose(tile);
        for (std::size_t lane = 0; lane < static_cast<std::size_t>(lines_); ++lane) {
          double* to = field + rows_[lane] + at;
          store(to, combine(load(to), tile[lane]));
        }
      }
    } else if (in_first_ == kLanes) {
      double* to = field + first_;
      for (Index at = 0; at < points_; ++at, in += stride, to += step_)
        store(to, combine(load(to), *in));
    } else {
      // What lies beside the rows stays as it is.
      const auto first = lane_numbers() < static_cast<double>(in_first_);
      const auto second = lane_numbers() < static_cast<double>(lines_);
      for (Index at = 0; at < points_; ++at, in += stride) {
        double* to = field + first_ + at * step_;
        store(to, first ? combine(load(to), *in) : load(to));
        if (lines_ == in_first_) continue;
        to = field + second_ + at * step_;
        const Lanes before = load(to);
        store(to, first ? before : (second ? combine(before, *in) : before));
      }
    }
  }

 private:
  friend class CellLines;
  bool along_x_ = false;
  Index points_ = 0;
  Index step_ = 0;
  Index lines_ = 0;                   ///< lanes that have a line
  std::array<Index, kLanes> rows_{};  ///< along x: where they begin
  Index in_first_ = 0;                ///< otherwise: so many are in one row, the others in the next
  Index first_ = 0;                   ///< address of lane 0 of the ones ...
  Index second_ = 0;                  ///< ... and of the others, had they a lane 0
};

class CellLines {
 public:
  CellLines(const Cell& cell, int direction)
      : points_(cell.shape.points[static_cast<std::size_t>(direction)]),
        across_(cell.shape.points[direction == 0 ? 1 : 0]),
        rows_(cell.shape.points[direction == 2 ? 1 : 2]),
        along_x_(direction == 0),
        step_(cell.shape.step(direction)),
        lane_step_(direction == 0 ? cell.shape.row : 1),
        row_step_(direction == 2 ? cell.shape.row : cell.shape.plane),
        origin_(cell.shape.at(0, 0, 0)) {}

  [[nodiscard]] Index points() const { return points_; }
  [[nodiscard]] Index blocks() const {
    // Rows shorter than a vector: a block each. Else no lane is left without a line but at the end.
    return joined() ? (across_ * rows_ + kLanes - 1) / kLanes : rows_;
  }

  [[nodiscard]] LineBlock block(Index number) const {
    LineBlock block;
    block.along_x_ = along_x_;
    block.points_ = points_;
    block.step_ = step_;
    const Index lines = across_ * rows_;
    const Index line = number * (joined() ? kLanes : across_);
    block.lines_ = joined() ? std::min<Index>(kLanes, lines - line) : across_;
    if (along_x_) {
      for (Index lane = 0; lane < kLanes; ++lane)
        block.rows_[static_cast<std::size_t>(lane)] = address(std::min(line + lane, lines - 1));
    } else {
      block.in_first_ = std::min(block.lines_, across_ - line % across_);
      block.first_ = address(line);
      block.second_ = block.lines_ == block.in_first_
                          ? block.first_
                          : address(line + block.in_first_) - block.in_first_;
    }
    return block;
  }

 private:
  [[nodiscard]] bool joined() const { return along_x_ || across_ >= kLanes; }
  [[nodiscard]] Index address(Index line) const {
    return origin_ + line / across_ * row_step_ + line % across_ * lane_step_;
  }
  Index points_;
  Index across_;
  Index rows_;
  bool along_x_;
  Index step_;
  Index lane_step_;
  Index row_step_;
  Index origin_;
};

/// The block after this one, or this one where it is the last.
[[nodiscard]] inline LineBlock following_block(const Cell& cell, int direction, Index block) {
  const CellLines lines(cell, direction);
  return lines.block(std::min(block + 1, lines.blocks() - 1));
}

/// Hints for five components ...
[[gnu::always_inline]] inline void prefetch_five(const double* field, Index component,
                                                 const LineBlock& lines, Index at) {
  for (Index m = 0; m < 5; ++m)
    lines.prefetch(field + m * component, at);
}
/// ... and for all that elimination reads at a point.
[[gnu::always_inline]] inline void prefetch_point(const Cell& cell, const LineBlock& lines,
                                                  Index at) {
  const Index component = cell.shape.component;
  prefetch_five(cell.rhs.data(), component, lines, at);
  for (Index q = 0; q < kDerivedCount; ++q)
    lines.prefetch(cell.derived.data() + q * component, at);
}

/// Momentum components in the order normal, and the two others, for a direction.
[[nodiscard]] constexpr std::array<int, 3> momenta(int direction) {
  return {1 + direction, 1 + (direction + 1) % 3, 1 + (direction + 2) % 3};
}

}  // namespace migbench::npb
