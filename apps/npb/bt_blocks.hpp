// The 5 x 5 blocks of BT's line systems, kLanes lines side by side. Components are in the order
// density, normal momentum, the two other momenta, energy, so that all directions have the same
// blocks.
#pragma once

#include <array>

#include "apps/npb/cfd.hpp"

namespace migbench::npb {

/// What a block is made of, at one point.
struct BtState {
  Lanes inverse_density;
  Lanes normal;  ///< velocities
  Lanes a;
  Lanes b;
  Lanes kinetic;
  Lanes energy;  ///< per mass
};

/// An off-diagonal block: flux and viscous Jacobians (NAS-95-020, section 3). The first row's
/// entries are constants of the direction; 18 of 25 entries are not zero.
struct BtSide {
  double m00, m01;
  FiveLanes normal;  ///< row 1
  Lanes a0, a1, a2;  ///< row 2
  Lanes b0, b1, b3;  ///< row 3
  FiveLanes energy;  ///< row 4
};

/// Time step times the coefficients of first and second differences and diffusion.
struct BtFactors {
  double first;
  double second;
  double diffusion;
};

[[gnu::always_inline]] inline BtSide bt_side(const BtState& s, double first, double second,
                                             double diffusion) {
  const double viscous = second * kC3C4;
  const double heat = second * kC1345;
  const double fourth = viscous * kFourThirds;
  const Lanes vn2 = s.normal * s.normal;
  const Lanes rho = s.inverse_density;
  BtSide m;
  m.m00 = -diffusion;
  m.m01 = first;
  m.normal = {first * (kC2 * s.kinetic - vn2) + fourth * rho * s.normal,
              first * (2 - kC2) * s.normal - fourth * rho - diffusion, -first * kC2 * s.a,
              -first * kC2 * s.b, spread(first * kC2)};
  m.a0 = s.a * (viscous * rho - first * s.normal);
  m.a1 = first * s.a;
  m.a2 = first * s.normal - viscous * rho - diffusion;
  m.b0 = s.b * (viscous * rho - first * s.normal);
  m.b1 = first * s.b;
  m.b3 = m.a2;
  const Lanes enthalpy = kC1 * s.energy;
  m.energy = {first * (2 * kC2 * s.kinetic - enthalpy) * s.normal +
                  rho * ((fourth - heat) * vn2 + (viscous - heat) * (s.a * s.a + s.b * s.b) +
                         heat * s.energy),
              first * (enthalpy - kC2 * (vn2 + s.kinetic)) - (fourth - heat) * rho * s.normal,
              s.a * (-first * kC2 * s.normal - (viscous - heat) * rho),
              s.b * (-first * kC2 * s.normal - (viscous - heat) * rho),
              first * kC1 * s.normal - heat * rho - diffusion};
  return m;
}

/// side times x.
[[gnu::always_inline]] inline FiveLanes multiply(const BtSide& m, const FiveLanes& x) {
  return {m.m00 * x[0] + m.m01 * x[1],
          m.normal[0] * x[0] + m.normal[1] * x[1] + m.normal[2] * x[2] + m.normal[3] * x[3] +
              m.normal[4] * x[4],
          m.a0 * x[0] + m.a1 * x[1] + m.a2 * x[2], m.b0 * x[0] + m.b1 * x[1] + m.b3 * x[3],
          m.energy[0] * x[0] + m.energy[1] * x[1] + m.energy[2] * x[2] + m.energy[3] * x[3] +
              m.energy[4] * x[4]};
}

/// Column by column.
using BtBlock = std::array<FiveLanes, 5>;

[[gnu::always_inline]] inline BtBlock bt_columns(const BtSide& m) {
  const Lanes zero{};
  return {FiveLanes{spread(m.m00), m.normal[0], m.a0, m.b0, m.energy[0]},
          FiveLanes{spread(m.m01), m.normal[1], m.a1, m.b1, m.energy[1]},
          FiveLanes{zero, m.normal[2], m.a2, zero, m.energy[2]},
          FiveLanes{zero, m.normal[3], zero, m.b3, m.energy[3]},
          FiveLanes{zero, m.normal[4], zero, zero, m.energy[4]}};
}

/// The diagonal block: 1 + 2 (viscous Jacobian + diffusion).
[[gnu::always_inline]] inline BtBlock bt_diagonal(const BtState& s, const BtFactors& f) {
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
