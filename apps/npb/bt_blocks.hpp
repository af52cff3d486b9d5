// The 5 x 5 blocks of BT's line systems, kLanes lines side by side. Components are in the order
// density, normal momentum, the two other momenta, energy, so that all directions have the same
// blocks.
#pragma once

#include <array>

#include "apps/npb/flow_jacobian.hpp"

namespace migbench::npb {

/// Time step times the coefficients of first and second differences and diffusion.
struct BtFactors {
  double first;
  double second;
  double diffusion;
};

/// Column by column.
using BtBlock = std::array<FiveLanes, 5>;

[[gnu::always_inline]] inline BtBlock bt_columns(const FlowJacobian& m) {
  const Lanes zero{};
  return {FiveLanes{spread(m.m00), m.normal[0], m.a0, m.b0, m.energy[0]},
          FiveLanes{spread(m.m01), m.normal[1], m.a1, m.b1, m.energy[1]},
          FiveLanes{zero, m.normal[2], m.a2, zero, m.energy[2]},
          FiveLanes{zero, m.normal[3], zero, m.b3, m.energy[3]},
          FiveLanes{zero, m.normal[4], zero, zero, m.energy[4]}};
}

/// The diagonal block: 1 + 2 (viscous Jacobian + diffusion).
[[gnu::always_inline]] inline BtBlock bt_diagonal(const FlowState& s, const BtFactors& f) {
  const double viscous = 2 * f.second * kC3C4;
  const double heat = 2 * f.second * kC1345;
  const double fourth = viscous * kFourThirds;
  const double one = 1 + 2 * f.diffusion;
  const Lanes rho = s.inverse_density;
  const Lanes zero{};
  const Lanes energy0 = -rho * ((fourth - heat) * s.normal * s.normal +
                                (viscous - heat) * (s.a * s.a + s.b * s.b) + heat * s.energy);
  return {FiveLanes{spread(one), -fourth * rho * s.normal, -viscous * rho * s.a,
                    -viscous * rho * s.b, energy0},
          FiveLanes{zero, one + fourth * rho, zero, zero, (fourth - heat) * rho * s.normal},
          FiveLanes{zero, zero, one + viscous * rho, zero, (viscous - heat) * rho * s.a},
          FiveLanes{zero, zero, zero, one + viscous * rho, (viscous - heat) * rho * s.b},
          FiveLanes{zero, zero, zero, zero, one + heat * rho}};
}

/// Gaussian elimination without pivoting (the blocks are diagonally dominant), in place: L below
/// the diagonal with ones on it, U above, the inverted pivots on the diagonal.
[[gnu::always_inline]] inline void factor(BtBlock& m) {
  for (std::size_t p = 0; p < 5; ++p) {
    m[p][p] = 1.0 / m[p][p];
    for (std::size_t row = p + 1; row < 5; ++row) {
      m[p][row] *= m[p][p];
      for (std::size_t column = p + 1; column < 5; ++column)
        m[column][row] -= m[p][row] * m[column][p];
    }
  }
}

/// x = m^-1 x for a factored m.
[[gnu::always_inline]] inline void solve(const BtBlock& m, FiveLanes& x) {
  for (std::size_t p = 0; p < 5; ++p)
    for (std::size_t row = p + 1; row < 5; ++row)
      x[row] -= m[p][row] * x[p];
  for (std::size_t p = 5; p-- > 0;) {
    x[p] *= m[p][p];
    for (std::size_t row = 0; row < p; ++row)
      x[row] -= m[p][row] * x[p];
  }
}

}  // namespace migbench::npb
