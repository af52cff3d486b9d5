#include "apps/npb/adi_grid.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace migbench::npb {
namespace {

int square_root(int ranks) {
  return static_cast<int>(std::lround(std::floor(std::sqrt(static_cast<double>(ranks) + 0.001))));
}

/// The cells take the points in turn, the first ones one more where they do not come out even.
std::pair<int, int> share(int points, int cells, int place) {
  const int each = points / cells;
  const int more = points % cells;
  return {place * each + std::min(place, more), each + (place < more ? 1 : 0)};
}

double coordinate(int index, int points) {
  return static_cast<double>(index) / (points - 1);
}

/// Points outside the grid take part with a coefficient of 0 or in unused lanes, and must be a flow
/// that has a speed of sound.
void fill_outside(Cell& cell) {
  const auto momenta_end = static_cast<std::size_t>(4 * cell.shape.component);
  std::fill_n(cell.u.data(), momenta_end, 1.0);
  std::fill_n(cell.u.data() + momenta_end, cell.u.size() - momenta_end, 10.0);
}

template <class Action>
void for_each_point(const Cell& cell, Index margin, Action&& action) {
  const auto& points = cell.shape.points;
  for (Index k = -margin; k < points[2] + margin; ++k)
    for (Index j = -margin; j < points[1] + margin; ++j)
      for (Index i = -margin; i < points[0] + margin; ++i)
        action(i, j, k);
}

}  // namespace

CellShape::CellShape(Triple size)
    : points(size),
      row(whole_vectors(size[0] + 4)),
      plane(row * (size[1] + 4)),
      component(plane * (size[2] + 4) + kMargin + kLanes) {
  // Components a multiple of 4 KiB apart would all want the same few lines of a cache.
  constexpr Index line = 8;
  component = (component + line - 1) / line * line;
  while (component / line % 64 != 13 && component / line % 64 != 37)
    component += line;
}

Cell::Cell(Triple cell_place, Triple cell_low, Triple points, Triple all_points, int cells)
    : place(cell_place), low(cell_low), shape(points) {
  const std::array<CfdAxis, 3> axes{CfdAxis(all_points[0], 0), CfdAxis(all_points[1], 1),
                                    CfdAxis(all_points[2], 2)};
  for (std::size_t d = 0; d < 3; ++d) {
    first[d] = place[d] == 0;
    last[d] = place[d] == cells - 1;
    start[d] = first[d] ? 1 : 0;
    end[d] = points[d] - (last[d] ? 1 : 0);
    coefficient_pitch[d] = d == 0 ? whole_vectors(points[d]) : 1;
    coefficients[d] = Array<double>(static_cast<std::size_t>(5 * whole_vectors(points[d])));
    for (int at = start[d]; at < end[d]; ++at) {
      const auto line = line_coefficients(axes[d], all_points[d], low[d] + at);
      for (std::size_t point = 0; point < 5; ++point)
        coefficients[d][d == 0 ? static_cast<Index>(point) * coefficient_pitch[d] + at
                               : Index{5} * at + static_cast<Index>(point)] = line[point];
    }
  }
  const auto size = static_cast<std::size_t>(shape.component * 5);
  u = Array<double>(size);
  derived = Array<double>(static_cast<std::size_t>(shape.component * kDerivedCount));
  rhs = Array<double>(size);
  forcing = Array<double>(size);
}

AdiGrid::AdiGrid(const Run& run, int points, double time_step)
    : comm_(run.comm),
      points_(points),
      across_(square_root(run.ranks)),
      time_step_(time_step),
      axes_{CfdAxis(points, 0), CfdAxis(points, 1), CfdAxis(points, 2)} {
  const int p = across_;
  const int column = run.rank % p;
  const int line = run.rank / p;
  for (auto& slice : slices_)
    slice.resize(static_cast<std::size_t>(p));
  // Cell c lies in layer c; the layers are shifted against each other diagonally, so that each
  // process has one cell in each slice of every direction.
  for (int c = 0; c < p; ++c) {
    const Triple place{(column + c) % p, (line - c + p) % p, c};
    Triple low{};
    Triple size{};
    for (std::size_t d = 0; d < 3; ++d) {
      std::tie(low[d], size[d]) = share(points, p, place[d]);
      slices_[d][static_cast<std::size_t>(place[d])] = static_cast<std::size_t>(c);
    }
    cells_.emplace_back(place, low, size, Triple{points, points, points}, p);
  }
  const auto rank_of = [p](int x, int y) { return (x + p) % p + p * ((y + p) % p); };
  predecessor_ = {rank_of(column - 1, line), rank_of(column, line - 1),
                  rank_of(column + 1, line - 1)};
  successor_ = {rank_of(column + 1, line), rank_of(column, line + 1),
                rank_of(column - 1, line + 1)};
  compute_forcing();
  initialize();
}

Cell& AdiGrid::cell(int direction, int stage) {
  return cells_[slices_[static_cast<std::size_t>(direction)][static_cast<std::size_t>(stage)]];
}

void AdiGrid::initialize() {
  for (Cell& cell : cells_) {
    fill_outside(cell);
    for_each_point(cell, 0, [&](Index i, Index j, Index k) {
      const Five value = initial_value(coordinate(cell.low[0] + static_cast<int>(i), points_),
                                       coordinate(cell.low[1] + static_cast<int>(j), points_),
                                       coordinate(cell.low[2] + static_cast<int>(k), points_));
      for (std::size_t m = 0; m < 5; ++m)
        cell.u[static_cast<Index>(m) * cell.shape.component + cell.shape.at(i, j, k)] = value[m];
    });
  }
}

void AdiGrid::fill_exact(Cell& cell) const {
  fill_outside(cell);
  for_each_point(cell, 2, [&](Index i, Index j, Index k) {
    const Five value = exact_solution(coordinate(cell.low[0] + static_cast<int>(i), points_),
                                      coordinate(cell.low[1] + static_cast<int>(j), points_),
                                      coordinate(cell.low[2] + static_cast<int>(k), points_));
    for (std::size_t m = 0; m < 5; ++m)
      cell.u[static_cast<Index>(m) * cell.shape.component + cell.shape.at(i, j, k)] = value[m];
  });
}

// The forcing is what makes the exact solution a steady state: minus the flow terms of the exact
// solution.
void AdiGrid::compute_forcing() {
  for (Cell& cell : cells_)
    fill_exact(cell);
  for (Cell& cell : cells_) {
    compute_cell_rhs(cell, 1.0);
    for (std::size_t at = 0; at < cell.rhs.size(); ++at)
      cell.forcing[at] = -cell.rhs[at];
  }
}

// Whole rows, and what lies between them: that is numbers too.
void AdiGrid::derive_rows(Cell& cell, Index k, Index first, Index end) {
  const CellShape& shape = cell.shape;
  const Index last = shape.at(shape.points[0], end - 1, k);
  for (Index at = shape.at(-CellShape::kMargin, first, k); at <= last; at += kLanes)
    derive(&cell.u[at], &cell.derived[at], shape.component);
}

/// Rows [first, end) of all planes. The derived quantities are computed right before they are
/// wanted, while the cache has u.
void AdiGrid::compute_rows(Cell& cell, double scale, Index first, Index end) {
  const CellShape& shape = cell.shape;
  const FlowView flow{cell.u.data(), cell.derived.data(), shape.component};
  const std::array<Index, 3> steps{1, shape.row, shape.plane};
  for (Index k = -1; k < 1; ++k)
    derive_rows(cell, k, first - 1, end + 1);
  for (Index k = 0; k < shape.points[2]; ++k) {
    derive_rows(cell, k + 1, first - 1, end + 1);
    if (k < cell.start[2] || k >= cell.end[2]) continue;
    for (Index j = std::max<Index>(first, cell.start[1]); j < std::min<Index>(end, cell.end[1]);
         ++j)
      for (Index i = 0; i < shape.points[0]; i += kLanes) {
        const Index at = shape.at(i, j, k);
        const FiveLanes r = right_hand_side(
            flow, at, steps, axes_, AlongLanes{&cell.coefficients[0][i], cell.coefficient_pitch[0]},
            AcrossLanes{&cell.coefficients[1][5 * j]}, AcrossLanes{&cell.coefficients[2][5 * k]});
        const auto inside = lanes_within(cell.start[0] - i, cell.end[0] - i);
        for (std::size_t m = 0; m < 5; ++m) {
          const Index to = static_cast<Index>(m) * shape.component + at;
          store(&cell.rhs[to], inside ? scale * (r[m] + load(&cell.forcing[to])) : Lanes{});
        }
      }
  }
}

void AdiGrid::compute_cell_rhs(Cell& cell, double scale) {
  const Index rows = rows_in_cache(cell.shape.row, cell.shape.points[1]);
  for (Index first = 0; first < cell.shape.points[1]; first += rows)
    compute_rows(cell, scale, first, std::min<Index>(first + rows, cell.shape.points[1]));
}

void AdiGrid::compute_rhs() {
  for (Cell& cell : cells_)
    compute_cell_rhs(cell, time_step_);
}

Five AdiGrid::root_mean(const Five& squares) const {
  Five total{};
  MPI_Allreduce(squares.data(), total.data(), 5, MPI_DOUBLE, MPI_SUM, comm_);
  for (double& value : total)
    value = std::sqrt(value / std::pow(points_ - 2, 3));
  return total;
}

Five AdiGrid::error_norm() const {
  Five squares{};
  for (const Cell& cell : cells_)
    for_each_point(cell, 0, [&](Index i, Index j, Index k) {
      const Five exact = exact_solution(coordinate(cell.low[0] + static_cast<int>(i), points_),
                                        coordinate(cell.low[1] + static_cast<int>(j), points_),
                                        coordinate(cell.low[2] + static_cast<int>(k), points_));
      for (std::size_t m = 0; m < 5; ++m) {
        const Index at = static_cast<Index>(m) * cell.shape.component + cell.shape.at(i, j, k);
        squares[m] += (cell.u[at] - exact[m]) * (cell.u[at] - exact[m]);
      }
    });
  return root_mean(squares);
}

Five AdiGrid::rhs_norm() const {
  Five squares{};
  for (const Cell& cell : cells_)
    for_each_point(cell, 0, [&](Index i, Index j, Index k) {
      for (std::size_t m = 0; m < 5; ++m) {
        const double value =
            cell.rhs[static_cast<Index>(m) * cell.shape.component + cell.shape.at(i, j, k)];
        squares[m] += value * value;
      }
    });
  return root_mean(squares);
}

std::optional<std::string> refuse_unless_square(int ranks, int points) {
  const int most = points / 3;
  const int root = std::min(square_root(ranks), most);
  if (root * root == ranks) return std::nullopt;
  return fmt::format("a square number up to {} (such as {})", most * most, root * root);
}

}  // namespace migbench::npb
