// The lines of a cell along one direction, kLanes of them at a time: what the line solvers of BT
// and SP work on. Lanes lie along x, or for lines along x themselves along y.
#pragma once

#include <array>

#include "apps/npb/adi_grid.hpp"

namespace migbench::npb {

class CellLines {
 public:
  CellLines(const Cell& cell, int direction)
      : points_(cell.shape.points[static_cast<std::size_t>(direction)]),
        lanes_across_(cell.shape.points[direction == 0 ? 1 : 0]),
        rows_(cell.shape.points[direction == 2 ? 1 : 2]),
        groups_((lanes_across_ + kLanes - 1) / kLanes),
        along_x_(direction == 0),
        step_(cell.shape.step(direction)),
        lane_step_(direction == 0 ? cell.shape.row : 1),
        row_step_(direction == 2 ? cell.shape.row : cell.shape.plane),
        origin_(cell.shape.at(0, 0, 0)) {}

  [[nodiscard]] Index points() const { return points_; }
  [[nodiscard]] Index blocks() const { return rows_ * groups_; }

  /// Points [from, to) of the block's lines to out[0], out[stride] ...
  [[gnu::always_inline]] void gather(const double* field, Index block, Index from, Index to,
                                     Lanes* out, Index stride) const {
    const double* line = field + address(block);
    if (!along_x_) {
      for (Index at = from; at < to; ++at, out += stride)
        *out = load(line + at * step_);
      return;
    }
    for (Index at = from; at < to; at += kLanes) {
      Tile tile;
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        tile[lane] = load(line + at + static_cast<Index>(lane) * lane_step_);
      transpose(tile);
      for (Index in_tile = 0; in_tile < kLanes && at + in_tile < to; ++in_tile, out += stride)
        *out = tile[static_cast<std::size_t>(in_tile)];
    }
  }

  /// Hands the values at in[0], in[stride] ... to points [0, points()) of the block's lines.
  /// `combine`: what is stored, of what is there and the new value.
  template <class Combine>
  [[gnu::always_inline]] void scatter(const Lanes* in, Index stride, double* field, Index block,
                                      const Combine& combine) const {
    double* line = field + address(block);
    if (!along_x_) {
      for (Index at = 0; at < points_; ++at, in += stride)
        store(line + at * step_, combine(load(line + at * step_), *in));
      return;
    }
    const Index lanes = std::min<Index>(kLanes, lanes_across_ - block % groups_ * kLanes);
    for (Index at = 0; at < points_; at += kLanes) {
      Tile tile{};
      for (Index in_tile = 0; in_tile < kLanes && at + in_tile < points_; ++in_tile, in += stride)
        tile[static_cast<std::size_t>(in_tile)] = *in;
      transpose(tile);
      for (Index lane = 0; lane < lanes; ++lane) {
        double* to = line + at + lane * lane_step_;
        store(to, combine(load(to), tile[static_cast<std::size_t>(lane)]));
      }
    }
  }

 private:
  [[nodiscard]] Index address(Index block) const {
    return origin_ + block / groups_ * row_step_ + block % groups_ * kLanes * lane_step_;
  }
  Index points_;
  Index lanes_across_;
  Index rows_;
  Index groups_;
  bool along_x_;
  Index step_;
  Index lane_step_;
  Index row_step_;
  Index origin_;
};

/// Momentum components in the order normal, and the two others, for a direction.
[[nodiscard]] constexpr std::array<int, 3> momenta(int direction) {
  return {1 + direction, 1 + (direction + 1) % 3, 1 + (direction + 2) % 3};
}

}  // namespace migbench::npb
