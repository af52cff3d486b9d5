#include "apps/npb/mg_level.hpp"

#include <algorithm>
#include <vector>

namespace migbench::npb {
namespace {

/// A (RNR-94-007, section 2.4.1): 3 x 3 x 3 weights of centre, faces, edges, corners.
constexpr Four kOperator{-8.0 / 3.0, 0.0, 1.0 / 6.0, 1.0 / 12.0};
constexpr Four kRestriction{0.5, 0.25, 0.125, 0.0625};

/// The eight rows around a row, summed: the four beside it, and the four diagonal to it.
struct RowSums {
  explicit RowSums(Index points)
      : beside(static_cast<std::size_t>(points + 2 * MgShape::kMargin)), diagonal(beside.size()) {}
  /// For x in [-1, points]; the sum for x is at [kMargin + x].
  void add_up(const MgShape& shape, const double* centre) {
    const double* __restrict south = centre - shape.row;
    const double* __restrict north = centre + shape.row;
    const double* __restrict below = centre - shape.plane;
    const double* __restrict above = centre + shape.plane;
    double* __restrict to_beside = &beside[MgShape::kMargin];
    double* __restrict to_diagonal = &diagonal[MgShape::kMargin];
    const Index row = shape.row;
    const Index points = shape.points;
#pragma omp simd
    for (Index x = -1; x <= points; ++x) {
      to_beside[x] = south[x] + north[x] + below[x] + above[x];
      to_diagonal[x] = below[x - row] + below[x + row] + above[x - row] + above[x + row];
    }
  }
  std::vector<double> beside;
  std::vector<double> diagonal;
};

}  // namespace

MgProcesses::MgProcesses(const Run& run) : comm(run.comm) {
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
  for (Index z = 0; z < shape.nz; ++z)
    for (Index y = 0; y < shape.ny; ++y) {
      double* line = data + shape.at(y, z);
      line[-1] = line[shape.points - 1];
      line[shape.points] = line[0];
    }
  if (shared && processes_.across[0] > 1)
    exchange_y(shape, field);
  else
    for (Index z = 0; z < shape.nz; ++z) {
      std::copy_n(data + shape.at(shape.ny - 1, z) - 1, shape.points + 2,
                  data + shape.at(-1, z) - 1);
      std::copy_n(data + shape.at(0, z) - 1, shape.points + 2, data + shape.at(shape.ny, z) - 1);
    }
  if (shared && processes_.across[1] > 1) return exchange_z(shape, field);
  const Index layer = (shape.ny + 2) * shape.row;
  const Index first = shape.at(-1, 0) - 1;
  std::copy_n(data + first + (shape.nz - 1) * shape.plane, layer, data + first - shape.plane);
  std::copy_n(data + first, layer, data + first + shape.nz * shape.plane);
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

void MgBorders::exchange_z(const MgShape& shape, Array<double>& field) {
  const PhaseScope scope(phases_, exchanging_);
  const auto count = static_cast<int>((shape.ny + 2) * shape.row);
  double* first = field.data() + shape.at(-1, 0) - 1;
  for (std::size_t end = 0; end < 2; ++end) {
    // Layers are in one piece, so they go from and to where they lie.
    const double* sent = first + (end == 0 ? 0 : shape.nz - 1) * shape.plane;
    double* received = first + (end == 0 ? shape.nz : -1) * shape.plane;
    MPI_Sendrecv(sent, count, MPI_DOUBLE, processes_.neighbour[1][end], static_cast<int>(end),
                 received, count, MPI_DOUBLE, processes_.neighbour[1][1 - end],
                 static_cast<int>(end), processes_.comm, MPI_STATUS_IGNORE);
  }
}

void mg_residual(const MgShape& shape, const Array<double>& u, const Array<double>& v,
                 Array<double>& r) {
  RowSums sums(shape.points);
  const double* beside = &sums.beside[MgShape::kMargin];
  const double* diagonal = &sums.diagonal[MgShape::kMargin];
  for (Index z = 0; z < shape.nz; ++z)
    for (Index y = 0; y < shape.ny; ++y) {
      const double* centre = u.data() + shape.at(y, z);
      const double* right = v.data() + shape.at(y, z);
      double* to = r.data() + shape.at(y, z);
      sums.add_up(shape, centre);
#pragma omp simd
      for (Index x = 0; x < shape.points; ++x)
        to[x] = right[x] - kOperator[0] * centre[x] -
                kOperator[2] * (diagonal[x] + beside[x - 1] + beside[x + 1]) -
                kOperator[3] * (diagonal[x - 1] + diagonal[x + 1]);
    }
}

void mg_smooth(const MgShape& shape, const Four& weights, const Array<double>& r, Array<double>& u,
               bool fresh) {
  RowSums sums(shape.points);
  const double* beside = &sums.beside[MgShape::kMargin];
  const double* diagonal = &sums.diagonal[MgShape::kMargin];
  const double keep = fresh ? 0 : 1;
  for (Index z = 0; z < shape.nz; ++z)
    for (Index y = 0; y < shape.ny; ++y) {
      const double* centre = r.data() + shape.at(y, z);
      double* __restrict to = u.data() + shape.at(y, z);
      sums.add_up(shape, centre);
#pragma omp simd
      for (Index x = 0; x < shape.points; ++x)
        to[x] = keep * to[x] + weights[0] * centre[x] +
                weights[1] * (centre[x - 1] + centre[x + 1] + beside[x]) +
                weights[2] * (diagonal[x] + beside[x - 1] + beside[x + 1]);
    }
}

void mg_restrict(const MgShape& fine_shape, const Array<double>& fine, const MgShape& coarse_shape,
                 std::array<Index, 2> offset, Array<double>& coarse) {
  // Coarse point j lies on fine point 2 j + 1.
  RowSums sums(fine_shape.points);
  const double* beside = &sums.beside[MgShape::kMargin];
  const double* diagonal = &sums.diagonal[MgShape::kMargin];
  for (Index z = 0; z < fine_shape.nz / 2; ++z)
    for (Index y = 0; y < fine_shape.ny / 2; ++y) {
      const double* __restrict centre = fine.data() + fine_shape.at(2 * y + 1, 2 * z + 1);
      double* __restrict to = coarse.data() + coarse_shape.at(offset[0] + y, offset[1] + z);
      sums.add_up(fine_shape, centre);
#pragma omp simd
      for (Index j = 0; j < coarse_shape.points; ++j) {
        const Index x = 2 * j + 1;
        to[j] = kRestriction[0] * centre[x] +
                kRestriction[1] * (centre[x - 1] + centre[x + 1] + beside[x]) +
                kRestriction[2] * (beside[x - 1] + beside[x + 1] + diagonal[x]) +
                kRestriction[3] * (diagonal[x - 1] + diagonal[x + 1]);
      }
    }
}

void mg_interpolate(const MgShape& coarse_shape, std::array<Index, 2> offset,
                    const Array<double>& coarse, const MgShape& fine_shape, Array<double>& fine,
                    bool fresh) {
  // Fine point 2 j + 1 lies on coarse point j, 2 j between j - 1 and j. The layer around is filled
  // as well, from the coarse one's, which saves an exchange.
  const Index half = coarse_shape.points;
  std::vector<double> mean(static_cast<std::size_t>(half + 2 * MgShape::kMargin));
  double* __restrict line = &mean[MgShape::kMargin];
  const double keep = fresh ? 0 : 1;
  for (Index z = -1; z <= fine_shape.nz; ++z)
    for (Index y = -1; y <= fine_shape.ny; ++y) {
      const Index y_low = offset[0] + (y + 1) / 2 - 1;
      const Index z_low = offset[1] + (z + 1) / 2 - 1;
      const Index y_high = y % 2 != 0 ? y_low : y_low + 1;
      const Index z_high = z % 2 != 0 ? z_low : z_low + 1;
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

}  // namespace migbench::npb
