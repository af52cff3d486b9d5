#include "apps/npb/lu_sweep.hpp"

#include "apps/npb/flow_jacobian.hpp"

namespace migbench::npb {
namespace {

constexpr double kRelaxation = 1.2;  // omega, RNR-94-007, section 3.3.6

/// Time step times the factors of the Jacobians of each direction.
struct Factors {
  std::array<double, 3> first{}, second{}, diffusion{};
};

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
    const auto count = static_cast<std::size_t>(5 * (d == 0 ? grid.shape().ny : grid.shape().nx));
    outgoing_[d].resize(count);
    incoming_[d].resize(count);
  }
}

template <bool Upper>
void LuSweeps::sweep_plane(Index k) {
  const LuShape& shape = grid_.shape();
  const LuPatch& patch = grid_.inner();
  const Index component = shape.component;
  const auto steps = shape.steps();
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
  const double advance = 1 / (kRelaxation * (2 - kRelaxation));
  const Index diagonals = patch.last_diagonal() - patch.first_diagonal() + 1;
  for (Index count = 0; count < diagonals; ++count) {
    const Index t = Upper ? patch.last_diagonal() - count : patch.first_diagonal() + count;
    const auto [first, end] = patch.on_diagonal(t);
    for (Index j = first; j < end; j += kLanes) {
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
      const auto inside = lane_numbers() < static_cast<double>(end - j);
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
}

// A plane's edges come from the neighbours before it is swept and go to the ones behind after it:
// the processes work on different planes at the same time.
void LuSweeps::receive_edges(Index k, bool upper) {
  const LuShape& shape = grid_.shape();
  for (std::size_t d = 0; d < 2; ++d) {
    const int from = grid_.neighbour(d, upper ? 1 : 0);
    if (from == MPI_PROC_NULL) continue;
    const PhaseScope scope(phases_, passing_);
    MPI_Recv(incoming_[d].data(), static_cast<int>(incoming_[d].size()), MPI_DOUBLE, from,
             static_cast<int>(d), grid_.comm(), MPI_STATUS_IGNORE);
    const double* value = incoming_[d].data();
    const Index edge = upper ? (d == 0 ? shape.nx : shape.ny) : -1;
    for (Index m = 0; m < 5; ++m)
      for (Index along = 0; along < (d == 0 ? shape.ny : shape.nx); ++along)
        grid_.rsd[m * shape.component +
                  (d == 0 ? shape.at(edge, along, k) : shape.at(along, edge, k))] = *value++;
  }
}

void LuSweeps::send_edges(Index k, bool upper) {
  const LuShape& shape = grid_.shape();
  for (std::size_t d = 0; d < 2; ++d) {
    const int to = grid_.neighbour(d, upper ? 0 : 1);
    if (to == MPI_PROC_NULL) continue;
    const PhaseScope scope(phases_, passing_);
    MPI_Wait(&sending_[d], MPI_STATUS_IGNORE);
    double* value = outgoing_[d].data();
    const Index edge = upper ? 0 : (d == 0 ? shape.nx : shape.ny) - 1;
    for (Index m = 0; m < 5; ++m)
      for (Index along = 0; along < (d == 0 ? shape.ny : shape.nx); ++along)
        *value++ = grid_.rsd[m * shape.component +
                             (d == 0 ? shape.at(edge, along, k) : shape.at(along, edge, k))];
    MPI_Isend(outgoing_[d].data(), static_cast<int>(outgoing_[d].size()), MPI_DOUBLE, to,
              static_cast<int>(d), grid_.comm(), &sending_[d]);
  }
}

void LuSweeps::lower() {
  const PhaseScope scope(phases_, lower_);
  for (Index k = 1; k + 1 < grid_.shape().nz; ++k) {
    receive_edges(k, false);
    sweep_plane<false>(k);
    send_edges(k, false);
  }
  MPI_Waitall(2, sending_.data(), MPI_STATUSES_IGNORE);
}

void LuSweeps::upper() {
  const PhaseScope scope(phases_, upper_);
  for (Index k = grid_.shape().nz - 2; k > 0; --k) {
    receive_edges(k, true);
    sweep_plane<true>(k);
    send_edges(k, true);
    grid_.send_faces(k);
  }
  MPI_Waitall(2, sending_.data(), MPI_STATUSES_IGNORE);
}

}  // namespace migbench::npb
