#include "apps/npb/mg_level.hpp"

#include <algorithm>
#include <vector>

#include "apps/npb/mg_stencil.hpp"

namespace migbench::npb {
namespace {

/// A (RNR-94-007, section 2.4.1): 3 x 3 x 3 weights of centre, faces, edges, corners.
constexpr Four kOperator{-8.0 / 3.0, 0.0, 1.0 / 6.0, 1.0 / 12.0};
constexpr Four kRestriction{0.5, 0.25, 0.125, 0.0625};

void wrap_rows(const MgShape& shape, double* plane) {
  for (Index y = 0; y < shape.ny; ++y) {
    double* line = plane + y * shape.row;
    line[-1] = line[shape.points - 1];
    line[shape.points] = line[0];
  }
}

}  // namespace

MgProcesses::MgProcesses(const Run& run) : comm(run.comm) {
  // Planes alone, as long as they are not too few: what a process has of a level is in one piece
  // then, and so are its borders.
  constexpr int kMostPlanes = 8;
  if (run.ranks <= kMostPlanes) across[1] = run.ranks;
  while (across[0] * across[1] < run.ranks)
    across[across[1] > across[0] ? 0 : 1] *= 2;
  place = {run.rank % across[0], run.rank / across[0]};
  for (std::size_t d = 0; d < 2; ++d)
    for (const int end : {0, 1}) {
      auto there = place;
      there[d] = (place[d] + (end == 0 ? -1 : 1) + across[d]) % across[d];
      neighbour[d][static_cast<std::size_t>(end)] = there[1] * across[0] + there[0];
    }
}

MgShape::MgShape(int all_points, const MgProcesses* processes)
    : points(all_points),
      ny(all_points / (processes == nullptr ? 1 : processes->across[0])),
      nz(all_points / (processes == nullptr ? 1 : processes->across[1])),
      row(whole_vectors(all_points) + kMargin),
      plane(row * (ny + 2) + kMargin + kLanes) {
  if (processes != nullptr) low = {processes->place[0] * ny, processes->place[1] * nz};
}

MgBorders::MgBorders(const MgProcesses& processes, Phases& phases)
    : processes_(processes),
      phases_(phases),
      wrapping_(phases.add("periodic borders", Spent::computing)),
      exchanging_(phases.add("exchange borders", Spent::communicating)) {}

void MgBorders::exchange(const MgShape& shape, Array<double>& field, bool shared) {
  const PhaseScope scope(phases_, wrapping_);
  double* data = field.data();
  if (shared && processes_.across[0] > 1) {
    for (Index z = 0; z < shape.nz; ++z)
      wrap_rows(shape, data + shape.at(0, z));
    exchange_y(shape, field);
  } else {
    for (Index z = 0; z < shape.nz; ++z)
      mg_wrap_plane(shape, data + shape.at(0, z));
  }
  exchange_z(shape, field, shared);
}

void MgBorders::exchange_z(const MgShape& shape, Array<double>& field, bool shared) {
  const PhaseScope scope(phases_, wrapping_);
  // Layers are in one piece, so they go from and to where they lie.
  double* first = field.data() + shape.at(-1, 0) - 1;
  double* last = first + (shape.nz - 1) * shape.plane;
  double* below = first - shape.plane;
  double* above = last + shape.plane;
  if (shared && processes_.across[1] > 1) return exchange_planes(shape, first, last, below, above);
  const Index layer = (shape.ny + 2) * shape.row;
  std::copy_n(last, layer, below);
  std::copy_n(first, layer, above);
}

void MgBorders::exchange_planes(const MgShape& shape, const double* first, const double* last,
                                double* below, double* above) {
  const PhaseScope scope(phases_, exchanging_);
  const auto count = static_cast<int>((shape.ny + 2) * shape.row);
  for (std::size_t end = 0; end < 2; ++end)
    MPI_Sendrecv(end == 0 ? first : last, count, MPI_DOUBLE, processes_.neighbour[1][end],
                 static_cast<int>(end), end == 0 ? above : below, count, MPI_DOUBLE,
                 processes_.neighbour[1][1 - end], static_cast<int>(end), processes_.comm,
                 MPI_STATUS_IGNORE);
}

void MgBorders::exchange_y(const MgShape& shape, Array<double>& field) {
  const PhaseScope scope(phases_, exchanging_);
  const Index line = shape.points + 2;
  const auto count = static_cast<std::size_t>(line * shape.nz);
  for (std::size_t end = 0; end < 2; ++end) {
    if (send_[end].size() < count) {
      send_[end] = Array<double>(count);
      receive_[end] = Array<double>(count);
    }
    for (Index z = 0; z < shape.nz; ++z)
      std::copy_n(field.data() + shape.at(end == 0 ? 0 : shape.ny - 1, z) - 1, line,
                  send_[end].data() + z * line);
  }
  for (std::size_t end = 0; end < 2; ++end)
    MPI_Sendrecv(send_[end].data(), static_cast<int>(count), MPI_DOUBLE,
                 processes_.neighbour[0][end], static_cast<int>(end), receive_[1 - end].data(),
                 static_cast<int>(count), MPI_DOUBLE, processes_.neighbour[0][1 - end],
                 static_cast<int>(end), processes_.comm, MPI_STATUS_IGNORE);
  for (std::size_t end = 0; end < 2; ++end)
    for (Index z = 0; z < shape.nz; ++z)
      std::copy_n(receive_[end].data() + z * line, line,
                  field.data() + shape.at(end == 0 ? -1 : shape.ny, z) - 1);
}

void mg_wrap_plane(const MgShape& shape, double* plane) {
  wrap_rows(shape, plane);
  const Index line = shape.points + 2;
  std::copy_n(plane + (shape.ny - 1) * shape.row - 1, line, plane - shape.row - 1);
  std::copy_n(plane - 1, line, plane + shape.ny * shape.row - 1);
}

void mg_residual_plane(const MgShape& shape, const MgPlanes& u, const double* v, double* r) {
  constexpr Four kMinus{-kOperator[0], -kOperator[1], -kOperator[2], -kOperator[3]};
  for (Index row = 0; row < shape.ny * shape.row; row += shape.row)
    mg_stencil_row<Weightless::faces>(shape, u, row, kMinus,
                                      [right = v + row, to = r + row](Index x, auto sum) {
                                        put(to + x, get(right + x, sum) + sum);
                                      });
}

void mg_smooth_plane(const MgShape& shape, const Four& weights, const MgPlanes& r, double* u,
                     bool fresh) {
  for (Index row = 0; row < shape.ny * shape.row; row += shape.row) {
    double* to = u + row;
    if (fresh)
      mg_stencil_row<Weightless::corners>(shape, r, row, weights,
                                          [to](Index x, auto sum) { put(to + x, sum); });
    else
      mg_stencil_row<Weightless::corners>(
          shape, r, row, weights, [to](Index x, auto sum) { put(to + x, get(to + x, sum) + sum); });
  }
}

double mg_sum_of_squares(const MgShape& shape, const double* plane) {
  double squares = 0;
  for (Index y = 0; y < shape.ny; ++y) {
    const double* line = plane + y * shape.row;
    double row = 0;
#pragma omp simd reduction(+ : row)
    for (Index x = 0; x < shape.points; ++x)
      row += line[x] * line[x];
    squares += row;
  }
  return squares;
}

void mg_restrict_plane(const MgShape& fine_shape, const MgPlanes& fine, const MgShape& coarse_shape,
                       double* coarse) {
  // Coarse point j lies on fine point 2 j + 1.
  std::vector<double> weighted(static_cast<std::size_t>(fine_shape.points));
  double* __restrict from = weighted.data();
  for (Index y = 0; y < fine_shape.ny / 2; ++y) {
    mg_stencil_row<Weightless::none>(fine_shape, fine, (2 * y + 1) * fine_shape.row, kRestriction,
                                     [from](Index x, auto sum) { put(from + x, sum); });
    double* __restrict to = coarse + y * coarse_shape.row;
#pragma omp simd
    for (Index j = 0; j < coarse_shape.points; ++j)
      to[j] = from[2 * j + 1];
  }
}

void mg_interpolate_plane(const MgShape& coarse_shape, std::array<Index, 2> offset,
                          const Array<double>& coarse, const MgShape& fine_shape,
                          Array<double>& fine, Index z, bool fresh) {
  // Fine point 2 j + 1 lies on coarse point j, 2 j between j - 1 and j. The layer around is filled
  // as well, from the coarse one's, which saves an exchange.
  const Index half = coarse_shape.points;
  std::vector<double> mean(static_cast<std::size_t>(half + 2 * MgShape::kMargin));
  double* __restrict line = &mean[MgShape::kMargin];
  const double keep = fresh ? 0 : 1;
  const Index z_low = offset[1] + (z + 1) / 2 - 1;
  const Index z_high = z % 2 != 0 ? z_low : z_low + 1;
  for (Index y = -1; y <= fine_shape.ny; ++y) {
    const Index y_low = offset[0] + (y + 1) / 2 - 1;
    const Index y_high = y % 2 != 0 ? y_low : y_low + 1;
    const double* __restrict a = coarse.data() + coarse_shape.at(y_low, z_low);
    const double* __restrict b = coarse.data() + coarse_shape.at(y_high, z_low);
    const double* __restrict c = coarse.data() + coarse_shape.at(y_low, z_high);
    const double* __restrict d = coarse.data() + coarse_shape.at(y_high, z_high);
#pragma omp simd
    for (Index j = -1; j <= half; ++j)
      line[j] = 0.25 * (a[j] + b[j] + c[j] + d[j]);
    double* __restrict to = fine.data() + fine_shape.at(y, z);
#pragma omp simd
    for (Index j = 0; j < half; ++j) {
      to[2 * j] = keep * to[2 * j] + 0.5 * (line[j - 1] + line[j]);
      to[2 * j + 1] = keep * to[2 * j + 1] + line[j];
    }
    to[-1] = keep * to[-1] + line[-1];
    to[2 * half] = keep * to[2 * half] + 0.5 * (line[half - 1] + line[half]);
  }
}

void mg_residual(const MgShape& shape, const Array<double>& u, const Array<double>& v,
                 Array<double>& r) {
  for (Index z = 0; z < shape.nz; ++z)
    mg_residual_plane(shape, MgPlanes::of(shape, u, z), v.data() + shape.at(0, z),
                      r.data() + shape.at(0, z));
}

void mg_smooth(const MgShape& shape, const Four& weights, const Array<double>& r, Array<double>& u,
               bool fresh) {
  for (Index z = 0; z < shape.nz; ++z)
    mg_smooth_plane(shape, weights, MgPlanes::of(shape, r, z), u.data() + shape.at(0, z), fresh);
}

void mg_restrict(const MgShape& fine_shape, const Array<double>& fine, const MgShape& coarse_shape,
                 std::array<Index, 2> offset, Array<double>& coarse) {
  for (Index z = 0; z < fine_shape.nz / 2; ++z)
    mg_restrict_plane(fine_shape, MgPlanes::of(fine_shape, fine, 2 * z + 1), coarse_shape,
                      coarse.data() + coarse_shape.at(offset[0], offset[1] + z));
}

void mg_interpolate(const MgShape& coarse_shape, std::array<Index, 2> offset,
                    const Array<double>& coarse, const MgShape& fine_shape, Array<double>& fine,
                    bool fresh) {
  for (Index z = -1; z <= fine_shape.nz; ++z)
    mg_interpolate_plane(coarse_shape, offset, coarse, fine_shape, fine, z, fresh);
}

}  // namespace migbench::npb
