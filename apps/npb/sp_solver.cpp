#include "apps/npb/sp_solver.hpp"

#include <algorithm>
#include <utility>

#include "apps/npb/adi_lines.hpp"
#include "apps/npb/sp_transforms.hpp"

namespace migbench::npb {
namespace {

/// Which of the three systems each of the five variables belongs to.
constexpr std::array<std::size_t, 5> kSystem{0, 0, 0, 1, 2};

}  // namespace

SpSolver::SpSolver(AdiGrid& grid, Phases& phases)
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
  points_ = Array<Point>(static_cast<std::size_t>(longest + 2));
  derived_ = Array<DerivedLanes>(static_cast<std::size_t>(longest + 2));
  // The last cell of a line is solved in one go, elimination and substitution in the cache; those
  // before it have to keep what elimination leaves until the solution comes back.
  line_ = Array<Eliminated>(static_cast<std::size_t>(longest));
  for (int stage = 0; stage + 1 < grid.cells_across(); ++stage)
    eliminated_.emplace_back(static_cast<std::size_t>(lines));
  border_ = Array<Pair>(static_cast<std::size_t>(blocks));
  next_border_ = Array<Pair>(static_cast<std::size_t>(blocks));
  border_solution_ = Array<SolutionPair>(static_cast<std::size_t>(blocks));
  next_border_solution_ = Array<SolutionPair>(static_cast<std::size_t>(blocks));
}

/// The right-hand sides of a block of lines, and what the systems are made of at one point more on
/// both sides.
void SpSolver::gather(const Cell& cell, int direction, Index block, Eliminated* line) {
  const CellLines lines(cell, direction);
  const Index points = lines.points();
  const Index component = cell.shape.component;
  for (const Index q : {kInverseDensity, kVelocityX, kVelocityY, kVelocityZ, kKinetic, kEnergy})
    lines.gather(cell.derived.data() + q * component, block, -1, points + 1, derived_[0].data() + q,
                 kDerivedCount);
  constexpr Index stride = sizeof(Eliminated) / sizeof(Lanes);
  for (Index m = 0; m < 5; ++m)
    lines.gather(cell.rhs.data() + m * component, block, 0, points, line[0].r.data() + m, stride);

  const auto d = static_cast<std::size_t>(direction);
  const double diffusion = grid_.axes()[d].diffusion;
  for (Index at = 0; at < points + 2; ++at) {
    const DerivedLanes& q = derived_[at];
    points_[at] = {diffusion + kC1C5 * kC3C4 * q[kInverseDensity], q[kVelocityX + d],
                   square_root(sound_squared(q[kEnergy], q[kKinetic]))};
  }
  if (direction == 0)
    for (Index at = cell.start[0]; at < cell.end[0]; ++at)
      line[at].r = to_x(line[at].r, derived_[at + 1]);
}

void SpSolver::eliminate_block(const Cell& cell, int direction, Index block, Eliminated* line,
                               const Pair& before) {
  gather(cell, direction, block, line);
  const auto d = static_cast<std::size_t>(direction);
  const CfdAxis& axis = grid_.axes()[d];
  const double first = grid_.time_step() * axis.first;
  const double second = grid_.time_step() * axis.second;
  Pair last = before;
  for (Index at = 0; at < cell.shape.points[d]; ++at) {
    Eliminated& here = line[at];
    if (at < cell.start[d] || at >= cell.end[d]) {  // on a face the solution stays as it is
      here = Eliminated{};
      last = {last[1], here};
      continue;
    }
    const Point& low = points_[at];
    const Point& centre = points_[at + 1];
    const Point& high = points_[at + 2];
    const auto fourth = dissipation_line(grid_.points(), cell.low[d] + static_cast<int>(at));
    const double scale = grid_.time_step() * kDissipation;
    const Lanes l2 = scale * fourth[1] - first * low.velocity - second * low.viscous;
    const Lanes l3 = 1 + scale * fourth[2] + 2 * second * centre.viscous;
    const Lanes l4 = scale * fourth[3] + first * high.velocity - second * high.viscous;
    const double l1 = scale * fourth[0];
    const double l5 = scale * fourth[4];
    std::array<Lanes, 3> b{};
    std::array<Lanes, 3> inverse{};
    for (std::size_t s = 0; s < 3; ++s) {
      const double sound = s == 0 ? 0 : (s == 1 ? first : -first);
      b[s] = l2 - sound * low.sound - l1 * last[0].c1[s];
      inverse[s] = 1.0 / (l3 - l1 * last[0].c2[s] - b[s] * last[1].c1[s]);
      here.c1[s] = (l4 + sound * high.sound - b[s] * last[1].c2[s]) * inverse[s];
      here.c2[s] = l5 * inverse[s];
    }
    for (std::size_t m = 0; m < 5; ++m)
      here.r[m] =
          (here.r[m] - l1 * last[0].r[m] - b[kSystem[m]] * last[1].r[m]) * inverse[kSystem[m]];
    last = {last[1], here};
  }
}

void SpSolver::substitute_block(Cell& cell, int direction, Index block, Eliminated* line,
                                SolutionPair& after) {
  const Index points = cell.shape.points[static_cast<std::size_t>(direction)];
  FiveLanes next = after[0];
  FiveLanes next_but_one = after[1];
  for (Index at = points - 1; at >= 0; --at) {
    FiveLanes x = line[at].r;
    for (std::size_t m = 0; m < 5; ++m)
      x[m] -= line[at].c1[kSystem[m]] * next[m] + line[at].c2[kSystem[m]] * next_but_one[m];
    line[at].r = x;
    next_but_one = next;
    next = x;
  }
  after = {next, next_but_one};
  scatter(cell, direction, block, line);
}

void SpSolver::scatter(Cell& cell, int direction, Index block, Eliminated* line) {
  const CellLines lines(cell, direction);
  const Index points = lines.points();
  const Index component = cell.shape.component;
  if (direction == 2)
    for (const Index q : {kInverseDensity, kVelocityX, kVelocityY, kVelocityZ, kKinetic, kEnergy})
      lines.gather(cell.derived.data() + q * component, block, 0, points, derived_[0].data() + q,
                   kDerivedCount);
  const auto d = static_cast<std::size_t>(direction);
  for (Index at = cell.start[d]; at < cell.end[d]; ++at) {
    FiveLanes& r = line[at].r;
    r = direction == 0 ? x_to_y(r) : (direction == 1 ? y_to_z(r) : from_z(r, derived_[at]));
  }
  constexpr Index stride = sizeof(Eliminated) / sizeof(Lanes);
  for (Index m = 0; m < 5; ++m) {
    const Lanes* from = line[0].r.data() + m;
    if (direction == 2)
      lines.scatter(from, stride, cell.u.data() + m * component, block,
                    [](Lanes u, Lanes x) { return u + x; });
    else
      lines.scatter(from, stride, cell.rhs.data() + m * component, block,
                    [](Lanes, Lanes x) { return x; });
  }
}

template <class Border>
void SpSolver::pass(Array<Border>& border, Array<Border>& next, Index blocks, Index next_blocks,
                    int to, int from, int tag) {
  const PhaseScope scope(phases_, passing_);
  constexpr Index doubles = sizeof(Border) / sizeof(double);
  MPI_Sendrecv(border.data(), static_cast<int>(blocks * doubles), MPI_DOUBLE, to, tag, next.data(),
               static_cast<int>(next_blocks * doubles), MPI_DOUBLE, from, tag, grid_.comm(),
               MPI_STATUS_IGNORE);
  std::swap(border, next);
}

void SpSolver::eliminate(int direction, int stage) {
  const Cell& cell = grid_.cell(direction, stage);
  const CellLines lines(cell, direction);
  auto& store = eliminated_[static_cast<std::size_t>(stage)];
  for (Index block = 0; block < lines.blocks(); ++block) {
    Eliminated* line = &store[block * lines.points()];
    eliminate_block(cell, direction, block, line, border_[block]);
    border_[block] = {line[lines.points() - 2], line[lines.points() - 1]};
  }
  pass(border_, next_border_, lines.blocks(),
       CellLines(grid_.cell(direction, stage + 1), direction).blocks(), grid_.successor(direction),
       grid_.predecessor(direction), direction);
}

void SpSolver::solve_last(int direction) {
  Cell& cell = grid_.cell(direction, grid_.cells_across() - 1);
  const CellLines lines(cell, direction);
  for (Index block = 0; block < lines.blocks(); ++block) {
    eliminate_block(cell, direction, block, line_.data(), border_[block]);
    border_solution_[block] = {};
    substitute_block(cell, direction, block, line_.data(), border_solution_[block]);
  }
}

void SpSolver::substitute(int direction, int stage) {
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

void SpSolver::sweep(int direction) {
  const PhaseScope scope(phases_, solving_[static_cast<std::size_t>(direction)]);
  const int last = grid_.cells_across() - 1;
  for (int stage = 0; stage < last; ++stage)
    eliminate(direction, stage);
  solve_last(direction);
  for (int stage = last - 1; stage >= 0; --stage)
    substitute(direction, stage);
}

}  // namespace migbench::npb
