#include "apps/npb/sp_lines.hpp"

#include "apps/npb/adi_lines.hpp"
#include "apps/npb/sp_transforms.hpp"
namespace migbench::npb {
namespace {

/// Which of the three systems each of the five variables belongs to.
constexpr std::array<std::size_t, 5> kSystem{0, 0, 0, 1, 2};

}  // namespace

SpLines::SpLines(const AdiGrid& grid, Index longest)
    : grid_(grid),
      coefficients_(static_cast<std::size_t>(longest + 2)),
      derived_(static_cast<std::size_t>(longest + 2)) {}

/// The right-hand sides of a block of lines, and what the systems are made of at one point more on
/// both sides.
void SpLines::gather(const Cell& cell, int direction, Index block, Point* line) {
  const CellLines lines(cell, direction);
  const LineBlock in_cell = lines.block(block);
  const Index points = lines.points();
  const Index component = cell.shape.component;
  for (const Index q : {kInverseDensity, kVelocityX, kVelocityY, kVelocityZ, kKinetic, kEnergy})
    in_cell.gather(cell.derived.data() + q * component, -1, points + 1, derived_[0].data() + q,
                   kDerivedCount);
  constexpr Index stride = sizeof(Point) / sizeof(Lanes);
  for (Index m = 0; m < 5; ++m)
    in_cell.gather(cell.rhs.data() + m * component, 0, points, line[0].r.data() + m, stride);

  const auto d = static_cast<std::size_t>(direction);
  const double diffusion = grid_.axes()[d].diffusion;
  for (Index at = 0; at < points + 2; ++at) {
    const DerivedLanes& q = derived_[at];
    coefficients_[at] = {diffusion + kC1C5 * kC3C4 * q[kInverseDensity], q[kVelocityX + d],
                         square_root(sound_squared(q[kEnergy], q[kKinetic]))};
  }
  if (direction == 0)
    for (Index at = cell.start[0]; at < cell.end[0]; ++at)
      line[at].r = to_x(line[at].r, derived_[at + 1]);
}

void SpLines::eliminate(const Cell& cell, int direction, Index block, Point* line,
                        const Border& before, Way way) {
  gather(cell, direction, block, line);
  const auto d = static_cast<std::size_t>(direction);
  const CfdAxis& axis = grid_.axes()[d];
  const Index points = cell.shape.points[d];
  const double first = static_cast<double>(way) * grid_.time_step() * axis.first;
  const double second = grid_.time_step() * axis.second;
  const double scale = grid_.time_step() * kDissipation;
  Border last = before;
  const LineBlock following = following_block(cell, direction, block);
  for (Index step = 0; step < points; ++step) {
    const Index at = way == kUpwards ? step : points - 1 - step;
    Point& here = line[at];
    prefetch_point(cell, following, step);
    if (at < cell.start[d] || at >= cell.end[d]) {  // on a face the solution stays as it is
      here = Point{};
      last = {last[1], here};
      continue;
    }
    const Coefficients& behind = coefficients_[at + 1 - way];
    const Coefficients& centre = coefficients_[at + 1];
    const Coefficients& ahead = coefficients_[at + 1 + way];
    const auto line_of_five = dissipation_line(grid_.points(), cell.low[d] + static_cast<int>(at));
    const auto fourth = [&](int away) {
      return scale * line_of_five[static_cast<std::size_t>(2 + way * away)];
    };
    const double l1 = fourth(-2);
    const Lanes l2 = fourth(-1) - first * behind.velocity - second * behind.viscous;
    const Lanes l3 = 1 + fourth(0) + 2 * second * centre.viscous;
    const Lanes l4 = fourth(1) + first * ahead.velocity - second * ahead.viscous;
    const double l5 = fourth(2);
    std::array<Lanes, 3> b{};
    std::array<Lanes, 3> inverse{};
    for (std::size_t s = 0; s < 3; ++s) {
      const double sound = s == 0 ? 0 : (s == 1 ? first : -first);
      b[s] = l2 - sound * behind.sound - l1 * last[0].c1[s];
      inverse[s] = 1.0 / (l3 - l1 * last[0].c2[s] - b[s] * last[1].c1[s]);
      here.c1[s] = (l4 + sound * ahead.sound - b[s] * last[1].c2[s]) * inverse[s];
      here.c2[s] = l5 * inverse[s];
    }
    for (std::size_t m = 0; m < 5; ++m)
      here.r[m] =
          (here.r[m] - l1 * last[0].r[m] - b[kSystem[m]] * last[1].r[m]) * inverse[kSystem[m]];
    last = {last[1], here};
  }
}

// The two points on this side of the border, a and b, and the two on the other, c and d, have
//   a = r - c1 b - c2 c,  b = r - c1 c - c2 d,  c = r - c1 b - c2 a,  d = r - c1 c - c2 b,
// each with r, c1 and c2 of its own. a in c gives c = s - t b; d in b gives b = u - v c.
SpLines::Solution SpLines::join(const Border& own, const Border& other) {
  const auto& [a, b] = own;
  const auto& [d, c] = other;
  Solution solution;
  for (std::size_t m = 0; m < 5; ++m) {
    const std::size_t k = kSystem[m];
    const Lanes of_c = 1.0 / (1.0 - c.c2[k] * a.c2[k]);
    const Lanes of_b = 1.0 / (1.0 - b.c2[k] * d.c2[k]);
    const Lanes s = (c.r[m] - c.c2[k] * a.r[m]) * of_c;
    const Lanes t = (c.c1[k] - c.c2[k] * a.c1[k]) * of_c;
    const Lanes u = (b.r[m] - b.c2[k] * d.r[m]) * of_b;
    const Lanes v = (b.c1[k] - b.c2[k] * d.c1[k]) * of_b;
    const Lanes at_b = (u - v * s) / (1.0 - v * t);
    const Lanes at_c = s - t * at_b;
    solution[0][m] = at_c;
    solution[1][m] = d.r[m] - d.c1[k] * at_c - d.c2[k] * at_b;
  }
  return solution;
}

void SpLines::substitute(Cell& cell, int direction, Index block, Point* line, Solution& solution,
                         Way way) {
  const Index points = cell.shape.points[static_cast<std::size_t>(direction)];
  FiveLanes next = solution[0];
  FiveLanes next_but_one = solution[1];
  const LineBlock lines = CellLines(cell, direction).block(block);
  for (Index step = points - 1; step >= 0; --step) {
    const Index at = way == kUpwards ? step : points - 1 - step;
    if (direction == 2) prefetch_five(cell.u.data(), cell.shape.component, lines, step);
    FiveLanes x = line[at].r;
    for (std::size_t m = 0; m < 5; ++m)
      x[m] -= line[at].c1[kSystem[m]] * next[m] + line[at].c2[kSystem[m]] * next_but_one[m];
    line[at].r = x;
    next_but_one = next;
    next = x;
  }
  solution = {next, next_but_one};
  scatter(cell, direction, block, line);
}

void SpLines::scatter(Cell& cell, int direction, Index block, Point* line) {
  const CellLines lines(cell, direction);
  const LineBlock in_cell = lines.block(block);
  const Index points = lines.points();
  const Index component = cell.shape.component;
  if (direction == 2)
    for (const Index q : {kInverseDensity, kVelocityX, kVelocityY, kVelocityZ, kKinetic, kEnergy})
      in_cell.gather(cell.derived.data() + q * component, 0, points, derived_[0].data() + q,
                     kDerivedCount);
  const auto d = static_cast<std::size_t>(direction);
  for (Index at = cell.start[d]; at < cell.end[d]; ++at) {
    FiveLanes& r = line[at].r;
    r = direction == 0 ? x_to_y(r) : (direction == 1 ? y_to_z(r) : from_z(r, derived_[at]));
  }
  constexpr Index stride = sizeof(Point) / sizeof(Lanes);
  for (Index m = 0; m < 5; ++m) {
    const Lanes* from = line[0].r.data() + m;
    if (direction == 2)
      in_cell.scatter(from, stride, cell.u.data() + m * component,
                      [](Lanes u, Lanes x) { return u + x; });
    else
      in_cell.scatter(from, stride, cell.rhs.data() + m * component,
                      [](Lanes, Lanes x) { return x; });
  }
}

}  // namespace migbench::npb
