#include "apps/npb/ft_grid.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace migbench::npb {
namespace {

constexpr double kAlpha = 1e-6;  // RNR-94-007, section 2.4.2

std::size_t count(Index size) {
  return static_cast<std::size_t>(size);
}

Array<double> factors(Index first, Index points, Index whole, int step) {
  Array<double> list(count(points));
  for (Index at = 0; at < points; ++at) {
    const Index wave = first + at < whole / 2 ? first + at : first + at - whole;
    list[at] = std::exp(-4 * kAlpha * std::numbers::pi * std::numbers::pi *
                        static_cast<double>(wave * wave) * step);
  }
  return list;
}

/// A line that lies in `chunks` pieces of `length / chunks`, `apart` from each other.
void gather_line(const ComplexLanes* from, Index chunks, Index apart, Index length,
                 ComplexLanes* to) {
  const Index piece = length / chunks;
  for (Index chunk = 0; chunk < chunks; ++chunk)
    std::copy_n(from + chunk * apart, piece, to + chunk * piece);
}

}  // namespace

FtLayout::FtLayout(int points_x, int points_y, int points_z, int ranks, int rank)
    : nx(points_x),
      ny(points_y),
      nz(points_z),
      p1(std::max(1, ranks / std::min(points_y, points_z))),
      p2(ranks / p1),
      rank1(rank / p2),
      rank2(rank % p2),
      groups(nx / p1 / kLanes),
      y_physical(ny / p1),
      y_spectral(ny / p2),
      z_physical(nz / p2) {}

long FtLayout::most_ranks(int nx, int ny, int nz) {
  return static_cast<long>(std::min(nx, ny) / kLanes) * std::min(ny, nz);
}

FtEvolution ft_evolution(const FtLayout& layout, int step) {
  const Index x_points = layout.groups * kLanes;
  return {factors(layout.rank1 * x_points, x_points, layout.nx, step),
          factors(layout.rank2 * layout.y_spectral, layout.y_spectral, layout.ny, step),
          factors(0, layout.nz, layout.nz, step)};
}

FtTransform::FtTransform(const FtLayout& layout, MPI_Comm comm, Phases& phases)
    : layout_(layout),
      comm1_(comm, layout.rank2, layout.rank1),
      comm2_(comm, layout.rank1, layout.rank2),
      phases_(phases),
      fft_x_(phases.add("fft x", Spent::computing)),
      fft_y_(phases.add("fft y", Spent::computing)),
      fft_z_(phases.add("evolve and fft z", Spent::computing)),
      all_to_all_(phases.add("all-to-all", Spent::communicating)),
      x_(static_cast<int>(layout.nx)),
      y_(static_cast<int>(layout.ny)),
      z_(static_cast<int>(layout.nz)),
      line_(count(std::max({layout.nx, layout.ny, layout.nz}))),
      send1_(count(layout.p1 == 1 ? layout.groups * layout.ny : layout.rows())),
      receive1_(count(layout.p1 == 1 ? 0 : layout.rows())),
      send2_(count(layout.rows())),
      receive2_(count(layout.p2 == 1 ? 0 : layout.rows())) {}

void FtTransform::exchange(const ComplexLanes* from, ComplexLanes* to, MPI_Comm comm, int ranks) {
  const PhaseScope scope(phases_, all_to_all_);
  const auto doubles = static_cast<int>(layout_.rows() / ranks *
                                        static_cast<Index>(sizeof(ComplexLanes) / sizeof(double)));
  MPI_Alltoall(from, doubles, MPI_DOUBLE, to, doubles, MPI_DOUBLE, comm);
}

ComplexLanes* FtTransform::plane(Array<ComplexLanes>& field, Index z) {
  // With slabs only one plane is under way between x and y, and its memory stays in the cache.
  return field.data() + (layout_.p1 == 1 ? 0 : z * layout_.groups * layout_.y_physical);
}

void FtTransform::lines_x_to_y(Index z, ComplexLanes* physical) {
  const PhaseScope scope(phases_, fft_x_);
  const auto& l = layout_;
  const Index apart = l.rows() / l.p1;
  ComplexLanes* out = plane(send1_, z);
  for (Index y = 0; y < l.y_physical; y += kLanes) {
    ComplexLanes* line = physical + (z * l.y_physical + y) / kLanes * l.nx;
    x_.transform(line, false);
    const int* at = x_.position().data();
    for (Index group = 0; group < l.nx / kLanes; ++group, at += kLanes) {
      Tile re;
      Tile im;
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        re[lane] = line[at[lane]].re;
        im[lane] = line[at[lane]].im;
      }
      transpose(re);
      transpose(im);
      ComplexLanes* to = out + group / l.groups * apart + group % l.groups * l.y_physical + y;
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        to[lane] = {re[lane], im[lane]};
    }
  }
}

void FtTransform::lines_y_to_x(Index z, ComplexLanes* physical) {
  const PhaseScope scope(phases_, fft_x_);
  const auto& l = layout_;
  const Index apart = l.rows() / l.p1;
  const ComplexLanes* in = plane(l.p1 == 1 ? send1_ : receive1_, z);
  for (Index y = 0; y < l.y_physical; y += kLanes) {
    for (Index group = 0; group < l.nx / kLanes; ++group) {
      const ComplexLanes* from =
          in + group / l.groups * apart + group % l.groups * l.y_physical + y;
      Tile re;
      Tile im;
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        re[lane] = from[lane].re;
        im[lane] = from[lane].im;
      }
      transpose(re);
      transpose(im);
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        line_[group * kLanes + static_cast<Index>(lane)] = {re[lane], im[lane]};
    }
    x_.transform(line_.data(), true);
    ComplexLanes* to = physical + (z * l.y_physical + y) / kLanes * l.nx;
    const auto& position = x_.position();
    for (Index x = 0; x < l.nx; ++x)
      to[x] = line_[position[count(x)]];
  }
}

void FtTransform::lines_y(Index z, const ComplexLanes* from, Index from_chunks, ComplexLanes* to,
                          Index to_chunks, bool inverse) {
  const PhaseScope scope(phases_, fft_y_);
  const auto& l = layout_;
  const bool from_plane = from_chunks == l.p1 && l.p1 == 1 && !inverse;
  const bool to_plane = to_chunks == l.p1 && l.p1 == 1 && inverse;
  const Index from_length = l.ny / from_chunks;
  const Index to_length = l.ny / to_chunks;
  for (Index group = 0; group < l.groups; ++group) {
    const Index from_row = (from_plane ? group : z * l.groups + group) * from_length;
    const Index to_row = (to_plane ? group : z * l.groups + group) * to_length;
    gather_line(from + from_row, from_chunks, l.rows() / from_chunks, l.ny, line_.data());
    y_.transform(line_.data(), inverse);
    const int* at = y_.position().data();
    for (Index chunk = 0; chunk < to_chunks; ++chunk, at += to_length) {
      ComplexLanes* piece = to + chunk * (l.rows() / to_chunks) + to_row;
      for (Index y = 0; y < to_length; ++y)
        piece[y] = line_[at[y]];
    }
  }
}

void FtTransform::lines_z_forward(ComplexLanes* spectral) {
  const PhaseScope scope(phases_, fft_z_);
  const auto& l = layout_;
  const ComplexLanes* in = l.p2 == 1 ? send2_.data() : receive2_.data();
  const Index stride = l.groups * l.y_spectral;  // from z to z, in all pieces alike
  for (Index row = 0; row < stride; ++row) {
    for (Index z = 0; z < l.nz; ++z)
      line_[z] = in[z * stride + row];
    z_.transform(line_.data(), false);
    const auto& position = z_.position();
    for (Index z = 0; z < l.nz; ++z)
      spectral[row * l.nz + z] = line_[position[count(z)]];
  }
}

void FtTransform::lines_z_inverse(const ComplexLanes* spectral, const FtEvolution& evolution) {
  const PhaseScope scope(phases_, fft_z_);
  const auto& l = layout_;
  const Index stride = l.groups * l.y_spectral;
  for (Index row = 0; row < stride; ++row) {
    const Lanes factor =
        load(&evolution.x[row / l.y_spectral * kLanes]) * evolution.y[row % l.y_spectral];
    for (Index z = 0; z < l.nz; ++z) {
      const ComplexLanes value = spectral[row * l.nz + z];
      const Lanes whole = factor * evolution.z[z];
      line_[z] = {value.re * whole, value.im * whole};
    }
    z_.transform(line_.data(), true);
    const auto& position = z_.position();
    for (Index z = 0; z < l.nz; ++z)
      send2_[z * stride + row] = line_[position[count(z)]];
  }
}

void FtTransform::forward(Array<ComplexLanes>& physical, Array<ComplexLanes>& spectral) {
  const auto& l = layout_;
  const bool slabs = l.p1 == 1;
  for (Index z = 0; z < l.z_physical; ++z) {
    lines_x_to_y(z, physical.data());
    if (slabs) lines_y(z, send1_.data(), 1, send2_.data(), l.p2, false);
  }
  if (!slabs) {
    exchange(send1_.data(), receive1_.data(), comm1_.get(), l.p1);
    for (Index z = 0; z < l.z_physical; ++z)
      lines_y(z, receive1_.data(), l.p1, send2_.data(), l.p2, false);
  }
  if (l.p2 > 1) exchange(send2_.data(), receive2_.data(), comm2_.get(), l.p2);
  lines_z_forward(spectral.data());
}

void FtTransform::inverse(const Array<ComplexLanes>& spectral, const FtEvolution& evolution,
                          Array<ComplexLanes>& physical) {
  const auto& l = layout_;
  const bool slabs = l.p1 == 1;
  lines_z_inverse(spectral.data(), evolution);
  if (l.p2 > 1) exchange(send2_.data(), receive2_.data(), comm2_.get(), l.p2);
  const ComplexLanes* planes = l.p2 == 1 ? send2_.data() : receive2_.data();
  for (Index z = 0; z < l.z_physical; ++z) {
    lines_y(z, planes, l.p2, send1_.data(), l.p1, true);
    if (slabs) lines_y_to_x(z, physical.data());
  }
  if (slabs) return;
  exchange(send1_.data(), receive1_.data(), comm1_.get(), l.p1);
  for (Index z = 0; z < l.z_physical; ++z)
    lines_y_to_x(z, physical.data());
}

}  // namespace migbench::npb
