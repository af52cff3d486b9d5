// The Jacobian blocks of the flow problem in one direction, kLanes points side by side: what BT's
// line systems and LU's triangular systems are made of. Components are in the order density, normal
// momentum, the two other momenta, energy, so that all directions have the same blocks.
#pragma once

#include <array>

#include "apps/npb/cfd.hpp"

namespace migbench::npb {

/// What a block is made of, at one point.
struct FlowState {
  Lanes inverse_density;
  Lanes normal;  ///< velocities
  Lanes a;
  Lanes b;
  Lanes kinetic;
  Lanes energy;  ///< per mass
};

/// An off-diagonal block: flux and viscous Jacobians (NAS-95-020, section 3). The first row's
/// entries are constants of the direction; 18 of 25 entries are not zero.
struct FlowJacobian {
  double m00, m01;
  FiveLanes normal;  ///< row 1
  Lanes a0, a1, a2;  ///< row 2
  Lanes b0, b1, b3;  ///< row 3
  FiveLanes energy;  ///< row 4
};

[[gnu::always_inline]] inline FlowJacobian flow_jacobian(const FlowState& s, double first,
                                                         double second, double diffusion) {
  const double viscous = second * kC3C4;
  const double heat = second * kC1345;
  const double fourth = viscous * kFourThirds;
  const Lanes vn2 = s.normal * s.normal;
  const Lanes rho = s.inverse_density;
  FlowJacobian m;
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
[[gnu::always_inline]] inline FiveLanes multiply(const FlowJacobian& m, const FiveLanes& x) {
  return {m.m00 * x[0] + m.m01 * x[1],
          m.normal[0] * x[0] + m.normal[1] * x[1] + m.normal[2] * x[2] + m.normal[3] * x[3] +
              m.normal[4] * x[4],
          m.a0 * x[0] + m.a1 * x[1] + m.a2 * x[2], m.b0 * x[0] + m.b1 * x[1] + m.b3 * x[3],
          m.energy[0] * x[0] + m.energy[1] * x[1] + m.energy[2] * x[2] + m.energy[3] * x[3] +
              m.energy[4] * x[4]};
}

}  // namespace migbench::npb
