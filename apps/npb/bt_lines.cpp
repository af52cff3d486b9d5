#include "apps/npb/bt_lines.hpp"

#include "apps/npb/adi_lines.hpp"
namespace migbench::npb {
namespace {

[[gnu::always_inline]] inline void subtract(FiveLanes& from, const FiveLanes& value) {
  for (std::size_t m = 0; m < 5; ++m)
    from[m] -= value[m];
}

/// from -= columns times x.
[[gnu::always_inline]] inline void subtract_product(FiveLanes& from, const BtBlock& columns,
                                                    const FiveLanes& x) {
  for (std::size_t column = 0; column < 5; ++column)
    for (std::size_t m = 0; m < 5; ++m)
      from[m] -= columns[column][m] * x[column];
}

/// Components in the order of flow_jacobian.hpp.
std::array<Index, 5> slots_of(int direction) {
  const auto order = momenta(direction);
  return {0, order[0], order[1], order[2], 4};
}

}  // namespace

BtLines::BtLines(const AdiGrid& grid, Index longest)
    : grid_(grid),
      states_(static_cast<std::size_t>(longest + 2)),
      solution_(static_cast<std::size_t>(longest)) {}

void BtLines::gather(const Cell& cell, int direction, Index block, Point* line) {
  const LineBlock lines = CellLines(cell, direction).block(block);
  const Index points = cell.shape.points[static_cast<std::size_t>(direction)];
  const Index component = cell.shape.component;
  const auto order = momenta(direction);
  constexpr Index state_lanes = sizeof(FlowState) / sizeof(Lanes);
  constexpr Index line_lanes = sizeof(Point) / sizeof(Lanes);
  const std::array<Index, 6> derived{kInverseDensity, order[0], order[1],
                                     order[2],        kKinetic, kEnergy};
  Lanes* state = &states_[0].inverse_density;
  for (std::size_t m = 0; m < derived.size(); ++m)
    lines.gather(cell.derived.data() + derived[m] * component, -1, points + 1,
                 state + static_cast<Index>(m), state_lanes);
  const auto slots = slots_of(direction);
  for (std::size_t m = 0; m < 5; ++m)
    lines.gather(cell.rhs.data() + slots[m] * component, 0, points, line[0].r.data() + m,
                 line_lanes);
}

void BtLines::eliminate(const Cell& cell, int direction, Index block, Point* line,
                        const Border& before, Way way) {
  gather(cell, direction, block, line);
  const auto d = static_cast<std::size_t>(direction);
  const Index points = cell.shape.points[d];
  const CfdAxis& axis = grid_.axes()[d];
  const double dt = grid_.time_step();
  const BtFactors factors{static_cast<double>(way) * dt * axis.first, dt * axis.second,
                          dt * axis.second * axis.diffusion};
  const Border* last = &before;
  const LineBlock following = following_block(cell, direction, block);
  for (Index step = 0; step < points; ++step) {
    const Index at = way == kUpwards ? step : points - 1 - step;
    Point& here = line[at];
    prefetch_point(cell, following, step);
    if (at < cell.start[d] || at >= cell.end[d]) {  // on a face the solution stays as it is
      here = Point{};
      last = &here;
      continue;
    }
    const FlowJacobian behind =
        flow_jacobian(states_[at + 1 - way], -factors.first, factors.second, factors.diffusion);
    const FlowJacobian ahead =
        flow_jacobian(states_[at + 1 + way], factors.first, factors.second, factors.diffusion);
    BtBlock diagonal = bt_diagonal(states_[at + 1], factors);
    for (std::size_t column = 0; column < 5; ++column)
      subtract(diagonal[column], multiply(behind, last->c[column]));
    factor(diagonal);
    FiveLanes r = here.r;
    subtract(r, multiply(behind, last->r));
    solve(diagonal, r);
    here.r = r;
    const BtBlock columns = bt_columns(ahead);
    for (std::size_t column = 0; column < 5; ++column) {
      FiveLanes x = columns[column];
      solve(diagonal, x);
      here.c[column] = x;
    }
    last = &here;
  }
}

// With own = r - c other and other = r' - c' own at the border: (1 - c' c) other = r' - c' r.
BtLines::Solution BtLines::join(const Border& own, const Border& other) {
  BtBlock system{};
  for (std::size_t column = 0; column < 5; ++column) {
    system[column][column] = spread(1);
    subtract_product(system[column], other.c, own.c[column]);
  }
  factor(system);
  FiveLanes x = other.r;
  subtract_product(x, other.c, own.r);
  solve(system, x);
  return x;
}

void BtLines::substitute(Cell& cell, int direction, Index block, const Point* line,
                         Solution& solution, Way way) {
  const Index points = cell.shape.points[static_cast<std::size_t>(direction)];
  FiveLanes next = solution;
  const LineBlock lines = CellLines(cell, direction).block(block);
  for (Index step = points - 1; step >= 0; --step) {
    const Index at = way == kUpwards ? step : points - 1 - step;
    if (direction == 2) prefetch_five(cell.u.data(), cell.shape.component, lines, step);
    FiveLanes x = line[at].r;
    subtract_product(x, line[at].c, next);
    solution_[at] = x;
    next = x;
  }
  solution = next;
  scatter(cell, direction, block);
}

void BtLines::scatter(Cell& cell, int direction, Index block) {
  const LineBlock lines = CellLines(cell, direction).block(block);
  const auto slots = slots_of(direction);
  for (std::size_t m = 0; m < 5; ++m) {
    const Lanes* from = solution_[0].data() + m;
    const Index offset = slots[m] * cell.shape.component;
    if (direction == 2)
      lines.scatter(from, 5, cell.u.data() + offset, [](Lanes u, Lanes x) { return u + x; });
    else
      lines.scatter(from, 5, cell.rhs.data() + offset, [](Lanes, Lanes x) { return x; });
  }
}

}  // namespace migbench::npb
