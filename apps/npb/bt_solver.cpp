#include "apps/npb/bt_solver.hpp"

#include <algorithm>
#include <utility>

#include "apps/npb/adi_lines.hpp"

namespace migbench::npb {
namespace {

[[gnu::always_inline]] inline void subtract(FiveLanes& from, const FiveLanes& value) {
  for (std::size_t m = 0; m < 5; ++m)
    from[m] -= value[m];
}

}  // namespace

BtSolver::BtSolver(AdiGrid& grid, Phases& phases)
    : grid_(grid),
      phases_(phases),
      solving_{phases.add("solve x", Spent::computing), phases.add("solve y", Spent::computing),
               phases.add("solve z", Spent::computing)},
      passing_(phases.add("pass line ends", Spent::communicating)) {
  Index longest = 0;
  Index blocks = 0;
  Index lines = 0;
  for (const Cell& cell : grid.cells())
    for (int d = 0; d < 3; ++d) {
      const CellLines cell_lines(cell, d);
      longest = std::max(longest, cell_lines.points());
      blocks = std::max(blocks, cell_lines.blocks());
      lines = std::max(lines, cell_lines.points() * cell_lines.blocks());
    }
  states_ = Array<FlowState>(static_cast<std::size_t>(longest + 2));
  solution_ = Array<FiveLanes>(static_cast<std::size_t>(longest));
  // The last cell of a line is solved in one go, elimination and substitution in the cache; those
  // before it have to keep what elimination leaves until the solution comes back.
  line_ = Array<Eliminated>(static_cast<std::size_t>(longest));
  for (int stage = 0; stage + 1 < grid.cells_across(); ++stage)
    eliminated_.emplace_back(static_cast<std::size_t>(lines));
  border_ = Array<Eliminated>(static_cast<std::size_t>(blocks));
  next_border_ = Array<Eliminated>(static_cast<std::size_t>(blocks));
  border_solution_ = Array<FiveLanes>(static_cast<std::size_t>(blocks));
  next_border_solution_ = Array<FiveLanes>(static_cast<std::size_t>(blocks));
}

void BtSolver::eliminate_block(const Cell& cell, int direction, Index block, Eliminated* line,
                               const Eliminated& before) {
  const auto d = static_cast<std::size_t>(direction);
  const CellLines lines(cell, direction);
  const Index points = lines.points();
  const auto order = momenta(direction);
  const Index component = cell.shape.component;
  constexpr Index state_lanes = sizeof(FlowState) / sizeof(Lanes);
  constexpr Index line_lanes = sizeof(Eliminated) / sizeof(Lanes);

  // One point before and one behind the cell take part.
  Lanes* state = &states_[0].inverse_density;
  lines.gather(cell.derived.data(), block, -1, points + 1, state, state_lanes);
  for (Index v = 0; v < 3; ++v)
    lines.gather(cell.derived.data() + order[static_cast<std::size_t>(v)] * component, block, -1,
                 points + 1, state + 1 + v, state_lanes);
  for (const Index energy : {kKinetic, kEnergy})
    lines.gather(cell.derived.data() + energy * component, block, -1, points + 1, state + energy,
                 state_lanes);
  Lanes* right = line[0].r.data();
  const std::array<Index, 5> slots{0, order[0], order[1], order[2], 4};
  for (std::size_t m = 0; m < 5; ++m)
    lines.gather(cell.rhs.data() + slots[m] * component, block, 0, points, right + m, line_lanes);

  const CfdAxis& axis = grid_.axes()[d];
  const double dt = grid_.time_step();
  const BtFactors factors{dt * axis.first, dt * axis.second, dt * axis.second * axis.diffusion};
  for (Index at = 0; at < points; ++at) {
    Eliminated& here = line[at];
    if (at < cell.start[d] || at >= cell.end[d]) {  // on a face the solution stays as it is
      here = Eliminated{};
      continue;
    }
    const Eliminated& last = at == 0 ? before : line[at - 1];
    const FlowJacobian low =
        flow_jacobian(states_[at], -factors.first, factors.second, factors.diffusion);
    const FlowJacobian high =
        flow_jacobian(states_[at + 2], factors.first, factors.second, factors.diffusion);
    BtBlock diagonal = bt_diagonal(states_[at + 1], factors);
    for (std::size_t column = 0; column < 5; ++column)
      subtract(diagonal[column], multiply(low, last.c[column]));
    factor(diagonal);
    FiveLanes r = here.r;
    subtract(r, multiply(low, last.r));
    solve(diagonal, r);
    here.r = r;
    const BtBlock columns = bt_columns(high);
    for (std::size_t column = 0; column < 5; ++column) {
      FiveLanes x = columns[column];
      solve(diagonal, x);
      here.c[column] = x;
    }
  }
}

void BtSolver::substitute_block(Cell& cell, int direction, Index block, const Eliminated* line,
                                FiveLanes& after) {
  const CellLines lines(cell, direction);
  FiveLanes next = after;
  for (Index at = lines.points() - 1; at >= 0; --at) {
    FiveLanes x = line[at].r;
    for (std::size_t column = 0; column < 5; ++column)
      for (std::size_t m = 0; m < 5; ++m)
        x[m] -= line[at].c[column][m] * next[column];
    solution_[at] = x;
    next = x;
  }
  after = next;

  const auto order = momenta(direction);
  const std::array<Index, 5> slots{0, order[0], order[1], order[2], 4};
  for (std::size_t m = 0; m < 5; ++m) {
    const Lanes* from = solution_[0].data() + m;
    const Index offset = slots[m] * cell.shape.component;
    if (direction == 2) {
      lines.scatter(from, 5, cell.rhs.data() + offset, block, [](Lanes, Lanes x) { return x; });
      lines.scatter(from, 5, cell.u.data() + offset, block, [](Lanes u, Lanes x) { return u + x; });
    } else {
      lines.scatter(from, 5, cell.rhs.data() + offset, block, [](Lanes, Lanes x) { return x; });
    }
  }
}

// All processes finish a stage at about the same time: what one sends to its neighbour for the next
// stage is what it receives itself from the other side.
template <class Border>
void BtSolver::pass(Array<Border>& border, Array<Border>& next, Index blocks, Index next_blocks,
                    int to, int from, int tag) {
  const PhaseScope scope(phases_, passing_);
  constexpr Index doubles = sizeof(Border) / sizeof(double);
  MPI_Sendrecv(border.data(), static_cast<int>(blocks * doubles), MPI_DOUBLE, to, tag, next.data(),
               static_cast<int>(next_blocks * doubles), MPI_DOUBLE, from, tag, grid_.comm(),
               MPI_STATUS_IGNORE);
  std::swap(border, next);
}

void BtSolver::eliminate(int direction, int stage) {
  const Cell& cell = grid_.cell(direction, stage);
  const CellLines lines(cell, direction);
  auto& store = eliminated_[static_cast<std::size_t>(stage)];
  for (Index block = 0; block < lines.blocks(); ++block) {
    Eliminated* line = &store[block * lines.points()];
    eliminate_block(cell, direction, block, line, border_[block]);
    border_[block] = line[lines.points() - 1];
  }
  pass(border_, next_border_, lines.blocks(),
       CellLines(grid_.cell(direction, stage + 1), direction).blocks(), grid_.successor(direction),
       grid_.predecessor(direction), direction);
}

void BtSolver::solve_last(int direction) {
  Cell& cell = grid_.cell(direction, grid_.cells_across() - 1);
  const CellLines lines(cell, direction);
  for (Index block = 0; block < lines.blocks(); ++block) {
    eliminate_block(cell, direction, block, line_.data(), border_[block]);
    border_solution_[block] = {};
    substitute_block(cell, direction, block, line_.data(), border_solution_[block]);
  }
}

void BtSolver::substitute(int direction, int stage) {
  Cell& cell = grid_.cell(direction, stage);
  const CellLines lines(cell, direction);
  pass(border_solution_, next_border_solution_,
       CellLines(grid_.cell(direction, stage + 1), direction).blocks(), lines.blocks(),
       grid_.predecessor(direction), grid_.successor(direction), 3 + direction);
  auto& store = eliminated_[static_cast<std::size_t>(stage)];
  for (Index block = 0; block < lines.blocks(); ++block)
    substitute_block(cell, direction, block, &store[block * lines.points()],
                     border_solution_[block]);
}

void BtSolver::sweep(int direction) {
  const PhaseScope scope(phases_, solving_[static_cast<std::size_t>(direction)]);
  const int last = grid_.cells_across() - 1;
  for (int stage = 0; stage < last; ++stage)
    eliminate(direction, stage);
  solve_last(direction);
  for (int stage = last - 1; stage >= 0; --stage)
    substitute(direction, stage);
}

}  // namespace migbench::npb
