#include "apps/npb/lu_grid.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

namespace migbench::npb {
namespace {

constexpr int kFewestPoints = 4;  // across a process, as in the original

/// First point and number of points of `place` among `parts`.
std::pair<Index, Index> share(Index points, Index parts, Index place) {
  const Index each = points / parts;
  const Index more = points % parts;
  return {place * each + std::min(place, more), each + (place < more ? 1 : 0)};
}

struct Part {
  explicit Part(const Run& run, Index points) {
    const auto array = lu_process_array(run.ranks).value();
    // The side along which the lanes lie is the shorter one: diagonals are no longer than it.
    across = {array.second, array.first};
    place = {run.rank % across[0], run.rank / across[0]};
    for (std::size_t d = 0; d < 2; ++d)
      std::tie(low[d], size[d]) = share(points, across[d], place[d]);
  }
  /// The first and one after the last point that is solved for: all but those on the grid's faces.
  [[nodiscard]] std::pair<Index, Index> inside(std::size_t d) const {
    return {place[d] == 0 ? 1 : 0, size[d] - (place[d] + 1 == across[d] ? 1 : 0)};
  }
  std::array<Index, 2> across{}, place{}, low{}, size{};
};

}  // namespace

LuGrid::LuGrid(const Run& run, int points)
    : comm_(run.comm),
      phases_(run.phases),
      right_side_(run.phases->add("right-hand side", Spent::computing)),
      exchanging_(run.phases->add("exchange u", Spent::communicating)),
      points_(points),
      shape_(Part(run, points).size[0], Part(run, points).size[1], points,
             Part(run, points).inside(1).first),
      axes_{CfdAxis(points, 0), CfdAxis(points, 1), CfdAxis(points, 2)} {
  const Part part(run, points);
  low_ = part.low;
  for (std::size_t d = 0; d < 2; ++d) {
    const int step = d == 0 ? 1 : static_cast<int>(part.across[0]);
    neighbours_[d] = {part.place[d] == 0 ? MPI_PROC_NULL : run.rank - step,
                      part.place[d] + 1 == part.across[d] ? MPI_PROC_NULL : run.rank + step};
  }
  faces_.emplace(comm_, shape_, neighbours_);
  inner_ = {part.inside(0).first, part.inside(0).second, part.inside(1).first,
            part.inside(1).second};

  const auto size = static_cast<std::size_t>(shape_.component);
  u = Array<double>(5 * size);
  rsd = Array<double>(5 * size);
  forcing_ = Array<double>(5 * size);
  derived = Array<double>(kDerivedCount * size);

  // Vectors at the ends of a diagonal read beyond the line: zeros on both sides.
  line_pitch_ = whole_vectors(std::max(shape_.nx, shape_.ny)) + Index{4} * kLanes;
  for (std::size_t d = 0; d < 2; ++d) {
    line_[d] = Array<double>(static_cast<std::size_t>(5 * line_pitch_));
    for (Index at = 0; at < part.size[d]; ++at) {
      const auto line = line_coefficients(axes_[d], points, static_cast<int>(part.low[d] + at));
      const Index slot = d == 0 ? part.size[0] - 1 - at : at;
      for (Index point = 0; point < 5; ++point)
        line_[d][point * line_pitch_ + Index{2} * kLanes + slot] =
            line[static_cast<std::size_t>(point)];
    }
  }
  for (int k = 0; k < points; ++k)
    across_.push_back(line_coefficients(axes_[2], points, k));

  // The exact solution's flow terms, with the opposite sign, are the forcing.
  std::fill_n(u.data(), u.size(), 1.0);
  for_each({-2, shape_.nx + 2, -2, shape_.ny + 2}, 0, points_, [&](Index i, Index j, Index k) {
    const Five exact = exact_at(i, j, k);
    for (std::size_t m = 0; m < 5; ++m)
      u[static_cast<Index>(m) * shape_.component + shape_.at(i, j, k)] = exact[m];
  });
  compute_flow_terms(0, [](Index) {});
  for (std::size_t at = 0; at < rsd.size(); ++at)
    forcing_[at] = -rsd[at];
}

template <class Action>
void LuGrid::for_each(const LuPatch& patch, Index k_low, Index k_high, Action&& action) const {
  for (Index k = k_low; k < k_high; ++k)
    for (Index j = patch.j_low; j < patch.j_high; ++j)
      for (Index i = patch.i_low; i < patch.i_high; ++i)
        action(i, j, k);
}

Five LuGrid::exact_at(Index i, Index j, Index k) const {
  const auto whole = static_cast<double>(points_ - 1);
  return exact_solution(static_cast<double>(low_[0] + i) / whole,
                        static_cast<double>(low_[1] + j) / whole, static_cast<double>(k) / whole);
}

void LuGrid::initialize() {
  // Points outside the grid take part with a coefficient of 0, and must be numbers.
  std::fill_n(u.data(), u.size(), 1.0);
  const auto whole = static_cast<double>(points_ - 1);
  for_each({0, shape_.nx, 0, shape_.ny}, 0, points_, [&](Index i, Index j, Index k) {
    const Five value =
        initial_value(static_cast<double>(low_[0] + i) / whole,
                      static_cast<double>(low_[1] + j) / whole, static_cast<double>(k) / whole);
    for (std::size_t m = 0; m < 5; ++m)
      u[static_cast<Index>(m) * shape_.component + shape_.at(i, j, k)] = value[m];
  });
  for (Index k = points_ - 2; k > 0; --k)
    send_faces(k);
  compute_rhs();
}

void LuGrid::send_faces(Index k) {
  const PhaseScope scope(*phases_, exchanging_);
  faces_->send(u, k);
}

void LuGrid::derive_diagonals(Index k, Index t_first, Index t_end) {
  const LuPatch ring{-1, shape_.nx + 1, -1, shape_.ny + 1};
  for (Index t = std::max(t_first, ring.first_diagonal());
       t < std::min(t_end, ring.last_diagonal() + 1); ++t) {
    const auto [first, end] = ring.on_diagonal(t);
    for (Index j = first; j < end; j += kLanes)
      derive(&u[shape_.at(t - j, j, k)], &derived[shape_.at(t - j, j, k)], shape_.component);
  }
}

void LuGrid::add_flow_terms(Index k, Index t_first, Index t_end, double forcing_factor) {
  const FlowView flow{u.data(), derived.data(), shape_.component};
  const double* against = &line_[0][Index{2} * kLanes + shape_.nx - 1];
  const double* along = &line_[1][2 * kLanes];
  for (Index t = t_first; t < t_end; ++t) {
    const auto [first, end] = inner_.on_diagonal(t);
    for (Index j = inner_.vector_of(first); j < end; j += kLanes) {
      const Index at = shape_.at(t - j, j, k);
      const FiveLanes r = right_hand_side(flow, at, shape_.steps(), axes_,
                                          AlongLanes{against - (t - j), line_pitch_},
                                          AlongLanes{along + j, line_pitch_},
                                          AcrossLanes{across_[static_cast<std::size_t>(k)].data()});
      const auto inside = lanes_within(first - j, end - j);
      for (std::size_t m = 0; m < 5; ++m) {
        const Index to = static_cast<Index>(m) * shape_.component + at;
        store(&rsd[to], inside ? r[m] + forcing_factor * load(&forcing_[to]) : load(&rsd[to]));
      }
    }
  }
}

// Some diagonals at a time through all planes, from the top down as the neighbours' layers arrive.
// The derived quantities are computed right before they are wanted, while the cache has u.
template <class BeforePlane>
void LuGrid::compute_flow_terms(double forcing_factor, BeforePlane&& before_plane) {
  const Index begin = inner_.first_diagonal();
  const Index end = inner_.last_diagonal() + 1;
  const Index diagonals = rows_in_cache(shape_.row, end - begin);
  for (Index first = begin; first < end; first += diagonals) {
    const Index last = std::min(first + diagonals, end);
    derive_diagonals(points_ - 1, first - 1, last + 1);
    for (Index k = points_ - 2; k >= 0; --k) {
      if (first == begin && k > 0) before_plane(k);
      derive_diagonals(k, first - 1, last + 1);
      if (k + 2 < points_) add_flow_terms(k + 1, first, last, forcing_factor);
    }
  }
}

void LuGrid::compute_rhs() {
  const PhaseScope scope(*phases_, right_side_);
  compute_flow_terms(1, [this](Index k) {
    const PhaseScope waiting(*phases_, exchanging_);
    faces_->receive(u, k);
  });
}

Five LuGrid::root_mean(const Five& squares) const {
  Five total{};
  MPI_Allreduce(squares.data(), total.data(), 5, MPI_DOUBLE, MPI_SUM, comm_);
  for (double& value : total)
    value = std::sqrt(value / std::pow(static_cast<double>(points_ - 2), 3));
  return total;
}

Five LuGrid::rhs_norm() const {
  Five squares{};
  for_each(inner_, 1, points_ - 1, [&](Index i, Index j, Index k) {
    for (std::size_t m = 0; m < 5; ++m) {
      const double value = rsd[static_cast<Index>(m) * shape_.component + shape_.at(i, j, k)];
      squares[m] += value * value;
    }
  });
  return root_mean(squares);
}

Five LuGrid::error_norm() const {
  Five squares{};
  for_each(inner_, 1, points_ - 1, [&](Index i, Index j, Index k) {
    const Five exact = exact_at(i, j, k);
    for (std::size_t m = 0; m < 5; ++m) {
      const double off =
          u[static_cast<Index>(m) * shape_.component + shape_.at(i, j, k)] - exact[m];
      squares[m] += off * off;
    }
  });
  return root_mean(squares);
}

// The pressure, integrated by the trapezoidal rule over the six faces of a box inside the grid
// (NAS-95-020, section 4.3): a point at the edge of a face counts once, on its side twice, inside
// it four times.
double LuGrid::surface_integral() const {
  const std::array<Index, 3> first{1, 1, 2};
  const std::array<Index, 3> last{points_ - 2, points_ - 3, points_ - 2};
  double total = 0;
  for_each({0, shape_.nx, 0, shape_.ny}, first[2], last[2] + 1, [&](Index i, Index j, Index k) {
    const std::array<Index, 3> at{low_[0] + i, low_[1] + j, k};
    std::array<double, 3> weight{};
    std::array<bool, 3> on_face{};
    for (std::size_t d = 0; d < 3; ++d) {
      if (at[d] < first[d] || at[d] > last[d]) return;
      on_face[d] = at[d] == first[d] || at[d] == last[d];
      weight[d] = on_face[d] ? 1 : 2;
    }
    double faces = 0;
    for (std::size_t d = 0; d < 3; ++d)
      if (on_face[d]) faces += weight[(d + 1) % 3] * weight[(d + 2) % 3];
    if (faces == 0) return;
    const double* v = &u[shape_.at(i, j, k)];
    const Index next = shape_.component;
    const double momentum =
        v[next] * v[next] + v[2 * next] * v[2 * next] + v[3 * next] * v[3 * next];
    total += faces * kC2 * (v[4 * next] - 0.5 * momentum / v[0]);
  });
  double everywhere = 0;
  MPI_Allreduce(&total, &everywhere, 1, MPI_DOUBLE, MPI_SUM, comm_);
  const double spacing = 1.0 / static_cast<double>(points_ - 1);
  return 0.25 * spacing * spacing * everywhere;
}

std::optional<std::pair<int, int>> lu_process_array(int ranks) {
  for (int p2 = static_cast<int>(std::sqrt(static_cast<double>(ranks) + 0.001)); p2 >= 1; --p2)
    if (ranks % p2 == 0 && ranks / p2 <= 2 * p2) return std::pair(ranks / p2, p2);
  return std::nullopt;
}

std::optional<std::string> refuse_unless_lu_array(int ranks, int points) {
  const auto fits = [&](int count) {
    const auto array = lu_process_array(count);
    return array && points / array->first >= kFewestPoints;
  };
  if (fits(ranks)) return std::nullopt;
  int below = ranks;
  while (!fits(below))
    --below;
  return fmt::format(
      "P1 x P2 processes with P1 / 2 <= P2 <= P1 and at least {} points across each "
      "(such as {})",
      kFewestPoints, below);
}

}  // namespace migbench::npb
