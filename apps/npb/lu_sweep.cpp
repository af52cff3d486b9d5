#include "apps/npb/lu_sweep.hpp"

#include <algorithm>

#include "apps/npb/flow_jacobian.hpp"

namespace migbench::npb {
namespace {

constexpr Index kPlanes = 2;         // swept side by side, and a message
constexpr double kRelaxation = 1.2;  // omega, RNR-94-007, section 3.3.6

using Factors = LuFactors;

template <int Direction>
[[gnu::always_inline]] inline FlowState state_at(const double* derived, Index component) {
  constexpr Index n = 1 + Direction;
  constexpr Index a = 1 + (Direction + 1) % 3;
  constexpr Index b = 1 + (Direction + 2) % 3;
  return {load(derived),
          load(derived + n * component),
          load(derived + a * component),
          load(derived + b * component),
          load(derived + kKinetic * component),
          load(derived + kEnergy * component)};
}

/// total += (Jacobian block at the neighbour) (vector at the neighbour).
template <int Direction>
[[gnu::always_inline]] inline void add_neighbour(FiveLanes& total, const double* derived,
                                                 const double* v, Index component, double first,
                                                 const Factors& f) {
  constexpr std::size_t n = 1 + Direction;
  constexpr std::size_t a = 1 + (Direction + 1) % 3;
  constexpr std::size_t b = 1 + (Direction + 2) % 3;
  const auto at = [&](std::size_t m) { return load(v + static_cast<Index>(m) * component); };
  const FlowJacobian block = flow_jacobian(state_at<Direction>(derived, component), first,
                                           f.second[Direction], f.diffusion[Direction]);
  const FiveLanes product = multiply(block, {at(0), at(n), at(a), at(b), at(4)});
  total[0] += product[0];
  total[n] += product[1];
  total[a] += product[2];
  total[b] += product[3];
  total[4] += product[4];
}

/// x = D^-1 x with the diagonal block D, the sum over the directions of twice the viscous Jacobian
/// and the diffusion. D is lower triangular, and but for the first column and the last row
/// diagonal: substitution is all there is to do.
[[gnu::always_inline]] inline void solve_diagonal(const double* derived, Index component,
                                                  const Factors& f, FiveLanes& x) {
  const Lanes rho = load(derived);
  const Lanes energy = load(derived + kEnergy * component);
  const double all = 2 * (f.second[0] + f.second[1] + f.second[2]);
  const double one = 1 + 2 * (f.diffusion[0] + f.diffusion[1] + f.diffusion[2]);
  const double heat = all * kC1345;
  Lanes momentum_share{};  // of the energy row's first entry
  x[0] = x[0] / one;
  Lanes energy_row = x[4];
  for (std::size_t d = 0; d < 3; ++d) {
    // The direction's own momentum is diffused 4/3 as strongly.
    const double viscous = kC3C4 * (all + 2 * f.second[d] * (kFourThirds - 1));
    const Lanes velocity = load(derived + static_cast<Index>(1 + d) * component);
    x[1 + d] = (x[1 + d] + viscous * rho * velocity * x[0]) / (one + viscous * rho);
    momentum_share += (viscous - heat) * velocity * velocity;
    energy_row -= (viscous - heat) * rho * velocity * x[1 + d];
  }
  energy_row += rho * (momentum_share + heat * energy) * x[0];
  x[4] = energy_row / (one + heat * rho);
}

}  // namespace

LuSweeps::LuSweeps(LuGrid& grid, double time_step, Phases& phases)
    : grid_(grid),
      time_step_(time_step),
      phases_(phases),
      lower_(phases.add("lower triangle", Spent::computing)),
      upper_(phases.add("upper triangle", Spent::computing)),
      passing_(phases.add("pass edges", Spent::communicating)) {
  for (std::size_t d = 0; d < 2; ++d) {
    const auto count =
        static_cast<std::size_t>(5 * kPlanes * (d == 0 ? grid.shape().ny : grid.shape().nx));
    outgoing_[d].resize(count);
    incoming_[d].resize(count);
  }
}

template <bool Upper>
void LuSweeps::sweep_diagonal(const Factors& whole, const Factors& relaxed, Index k, Index t) {
  const LuShape& shape = grid_.shape();
  const LuPatch& patch = grid_.inner();
  const Index component = shape.component;
  const auto steps = shape.steps();
  constexpr double advance = 1 / (kRelaxation * (2 - kRelaxation));
  const auto [first, end] = patch.on_diagonal(t);
  for (Index j = patch.vector_of(first); j < end; j += kLanes) {
    const Index at = shape.at(t - j, j, k);
    double* v = &grid_.rsd[at];
    const double* derived = &grid_.derived[at];
    FiveLanes x{};
    constexpr Index towards = Upper ? 1 : -1;
    add_neighbour<2>(x, derived + towards * steps[2], v + towards * steps[2], component,
                     relaxed.first[2], relaxed);
    add_neighbour<1>(x, derived + towards * steps[1], v + towards * steps[1], component,
                     relaxed.first[1], relaxed);
    add_neighbour<0>(x, derived + towards * steps[0], v + towards * steps[0], component,
                     relaxed.first[0], relaxed);
    const auto inside = lanes_within(first - j, end - j);
    const auto own = [&](std::size_t m) { return load(v + static_cast<Index>(m) * component); };
    if constexpr (!Upper)
      for (std::size_t m = 0; m < 5; ++m)
        x[m] = time_step_ * own(m) - x[m];
    solve_diagonal(derived, component, whole, x);
    for (std::size_t m = 0; m < 5; ++m) {
      const Lanes before = own(m);
      const Lanes value = Upper ? before - x[m] : x[m];
      store(v + static_cast<Index>(m) * component, inside ? value : before);
      if constexpr (Upper) {
        double* u = &grid_.u[static_cast<Index>(m) * component + at];
        const Lanes old = load(u);
        store(u, inside ? old + advance * value : old);
      }
    }
  }
}

// Each point depends on the one before it in every direction: diagonal t of one plane and t - 1 of
// the next can be computed side by side, and the processor has something to do while one of them
// waits for its results.
template <bool Upper>
void LuSweeps::sweep_planes(Index first, Index planes) {
  const LuPatch& patch = grid_.inner();
  const double sign = Upper ? 1 : -1;
  Factors whole;
  Factors relaxed;  // omega is linear in all of an off-diagonal block
  for (std::size_t d = 0; d < 3; ++d) {
    const CfdAxis& axis = grid_.axes()[d];
    whole.second[d] = time_step_ * axis.second;
    whole.diffusion[d] = time_step_ * axis.second * axis.diffusion;
    relaxed.first[d] = kRelaxation * sign * time_step_ * axis.first;
    relaxed.second[d] = kRelaxation * whole.second[d];
    relaxed.diffusion[d] = kRelaxation * whole.diffusion[d];
  }
  const Index diagonals = patch.last_diagonal() - patch.first_diagonal() + 1;
  for (Index step = 0; step < diagonals + planes - 1; ++step)
    for (Index plane = std::max<Index>(0, step - diagonals + 1); plane < std::min(planes, step + 1);
         ++plane) {
      const Index count = step - plane;
      if constexpr (Upper)
        sweep_diagonal<Upper>(whole, relaxed, first - plane, patch.last_diagonal() - count);
      else
        sweep_diagonal<Upper>(whole, relaxed, first + plane, patch.first_diagonal() + count);
    }
}

/// Hands the five components of rsd at each point of an edge of `planes` planes to `action`.
template <class Action>
void LuSweeps::for_each_on_edge(std::size_t direction, Index edge, Index first, Index planes,
                                Action&& action) {
  const LuShape& shape = grid_.shape();
  const bool x = direction == 0;
  const Index step = shape.steps()[x ? 1 : 0];
  for (Index k = first; k < first + planes; ++k)
    for (Index m = 0; m < 5; ++m) {
      double* at =
          &grid_.rsd[m * shape.component + (x ? shape.at(edge, 0, k) : shape.at(0, edge, k))];
      for (Index along = 0; along < (x ? shape.ny : shape.nx); ++along, at += step)
        action(*at);
    }
}

// Some planes' edges come from the neighbours before the planes are swept and go to the ones behind
// after it: the processes work on different planes at the same time.
void LuSweeps::receive_edges(Index first, Index planes, bool upper) {
  for (std::size_t d = 0; d < 2; ++d) {
    const int from = grid_.neighbour(d, upper ? 1 : 0);
    if (from == MPI_PROC_NULL) continue;
    const PhaseScope scope(phases_, passing_);
    MPI_Recv(incoming_[d].data(), static_cast<int>(incoming_[d].size()), MPI_DOUBLE, from,
             static_cast<int>(d), grid_.comm(), MPI_STATUS_IGNORE);
    const double* value = incoming_[d].data();
    const Index beyond = d == 0 ? grid_.shape().nx : grid_.shape().ny;
    for_each_on_edge(d, upper ? beyond : -1, first, planes, [&](double& at) { at = *value++; });
  }
}

void LuSweeps::send_edges(Index first, Index planes, bool upper) {
  for (std::size_t d = 0; d < 2; ++d) {
    const int to = grid_.neighbour(d, upper ? 0 : 1);
    if (to == MPI_PROC_NULL) continue;
    const PhaseScope scope(phases_, passing_);
    MPI_Wait(&sending_[d], MPI_STATUS_IGNORE);
    double* value = outgoing_[d].data();
    const Index last = (d == 0 ? grid_.shape().nx : grid_.shape().ny) - 1;
    for_each_on_edge(d, upper ? 0 : last, first, planes, [&](double& at) { *value++ = at; });
    MPI_Isend(outgoing_[d].data(), static_cast<int>(value - outgoing_[d].data()), MPI_DOUBLE, to,
              static_cast<int>(d), grid_.comm(), &sending_[d]);
  }
}

void LuSweeps::lower() {
  const PhaseScope scope(phases_, lower_);
  const Index end = grid_.shape().nz - 1;
  for (Index k = 1; k < end; k += kPlanes) {
    const Index planes = std::min<Index>(kPlanes, end - k);
    receive_edges(k, planes, false);
    sweep_planes<false>(k, planes);
    send_edges(k, planes, false);
  }
  MPI_Waitall(2, sending_.data(), MPI_STATUSES_IGNORE);
}

void LuSweeps::upper() {
  const PhaseScope scope(phases_, upper_);
  for (Index k = grid_.shape().nz - 2; k > 0; k -= kPlanes) {
    const Index planes = std::min<Index>(kPlanes, k);
    receive_edges(k - planes + 1, planes, true);
    sweep_planes<true>(k, planes);
    send_edges(k - planes + 1, planes, true);
    for (Index plane = k; plane > k - planes; --plane)
      grid_.send_faces(plane);
  }
  MPI_Waitall(2, sending_.data(), MPI_STATUSES_IGNORE);
}

}  // namespace migbench::npb
