#include "apps/npb/mg_sweep.hpp"

namespace migbench::npb {
namespace {

constexpr std::size_t kKept = 7;
/// The first two planes and the last two are not the same.
constexpr Index kFewestPlanes = 4;

/// r in plane z, with its layer around in x and y.
void residual_plane(const MgShape& shape, const Array<double>& u, const Array<double>& v, Index z,
                    double* r) {
  mg_residual_plane(shape, MgPlanes::of(shape, u, z), v.data() + shape.at(0, z), r);
  mg_wrap_plane(shape, r);
}

bool shares_planes(const MgShape& shape) {
  return shape.nz < shape.points;
}

}  // namespace

MgSweep::MgSweep(const MgShape& largest, MgBorders& borders)
    : borders_(borders), memory_(kKept * static_cast<std::size_t>(largest.plane)) {}

bool MgSweep::fits(const MgShape& shape) {
  return shape.ny == shape.points && shape.nz >= kFewestPlanes;
}

MgSweep::Kept MgSweep::kept(const MgShape& shape) {
  const auto plane = [&](Index number) {
    return memory_.data() + number * shape.plane + shape.row + MgShape::kMargin;
  };
  return {plane(0), plane(1), plane(2), plane(3), {plane(4), plane(5), plane(6)}};
}

void MgSweep::exchange(const MgShape& shape, Kept& planes) {
  if (!shares_planes(shape)) {
    planes.below = planes.last;
    planes.above = planes.first;
    return;
  }
  const Index corner = shape.row + 1;
  borders_.exchange_planes(shape, planes.first - corner, planes.last - corner,
                           planes.below - corner, planes.above - corner);
}

double MgSweep::residual_squares(const MgShape& shape, const Array<double>& u,
                                 const Array<double>& v) {
  double* const r = kept(shape).first;
  double total = 0;
  for (Index z = 0; z < shape.nz; ++z) {
    mg_residual_plane(shape, MgPlanes::of(shape, u, z), v.data() + shape.at(0, z), r);
    total += mg_sum_of_squares(shape, r);
  }
  return total;
}

double MgSweep::restrict_residual(const MgShape& shape, const Array<double>& u,
                                  const Array<double>& v, const MgShape& coarse_shape,
                                  std::array<Index, 2> offset, Array<double>& coarse,
                                  bool squares) {
  Kept r = kept(shape);
  double total = 0;
  const auto compute = [&](Index z, double* to) {
    residual_plane(shape, u, v, z, to);
    if (squares) total += mg_sum_of_squares(shape, to);
  };
  // Coarse plane j is made of fine ones 2 j to 2 j + 2.
  compute(0, r.first);
  compute(shape.nz - 1, r.last);
  exchange(shape, r);
  const double* low = r.first;
  for (Index z = 1; z < shape.nz; z += 2) {
    const bool top = z == shape.nz - 1;
    double* const middle = top ? r.last : r.turn[0];
    double* const high = top ? r.above : r.turn[z / 2 % 2 == 0 ? 1 : 2];
    if (!top) {
      compute(z, middle);
      compute(z + 1, high);
    }
    mg_restrict_plane(shape, {low, middle, high}, coarse_shape,
                      coarse.data() + coarse_shape.at(offset[0], offset[1] + z / 2));
    low = high;
  }
  return total;
}

void MgSweep::correct(const MgShape& shape, const Correction& with, const Array<double>& v,
                      Array<double>& u) {
  Kept r = kept(shape);
  const Index last = shape.nz - 1;
  const auto interpolate = [&](Index z) {
    mg_interpolate_plane(with.coarse_shape, with.offset, with.coarse, shape, u, z, with.fresh);
  };
  // The neighbours want the residual of the first and last planes before anything is smoothed.
  for (const Index z : {Index{-1}, Index{0}, Index{1}, last - 1, last, last + 1})
    interpolate(z);
  residual_plane(shape, u, v, 0, r.first);
  residual_plane(shape, u, v, last, r.last);
  exchange(shape, r);
  const double* below = r.below;
  const double* centre = r.first;
  for (Index z = 0; z <= last; ++z) {
    // A plane's residual wants u of the next plane; smoothing it leaves that alone.
    const double* above = z == last ? r.above : r.last;
    if (z + 1 < last) {
      if (z + 2 < last - 1) interpolate(z + 2);
      double* const to = r.turn[static_cast<std::size_t>(z % 3)];
      residual_plane(shape, u, v, z + 1, to);
      above = to;
    }
    double* const smoothed = u.data() + shape.at(0, z);
    mg_smooth_plane(shape, with.weights, {below, centre, above}, smoothed, false);
    mg_wrap_plane(shape, smoothed);
    below = centre;
    centre = above;
  }
  borders_.exchange_z(shape, u, shares_planes(shape));
}

}  // namespace migbench::npb
