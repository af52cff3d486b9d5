// The changes of variables between SP's three sweeps: multiplication by the inverse eigenvector
// matrices of one direction and the eigenvectors of the next (NAS-95-020, section 4.2).
#pragma once

#include <array>
#include <numbers>

#include "apps/npb/cfd.hpp"
#include "apps/npb/lane_math.hpp"

namespace migbench::npb {

inline constexpr double kHalfRoot = std::numbers::sqrt2 / 2;
using DerivedLanes = std::array<Lanes, kDerivedCount>;

[[gnu::always_inline]] inline Lanes sound_squared(Lanes energy, Lanes kinetic) {
  return kC1 * kC2 * (energy - kinetic);
}

/// Before the sweep along x.
[[gnu::always_inline]] inline FiveLanes to_x(const FiveLanes& r, const DerivedLanes& at) {
  const Lanes rho = at[kInverseDensity];
  const Lanes u = at[kVelocityX];
  const Lanes v = at[kVelocityY];
  const Lanes w = at[kVelocityZ];
  const Lanes squared = sound_squared(at[kEnergy], at[kKinetic]);
  const Lanes t1 = kC2 / squared * (at[kKinetic] * r[0] - u * r[1] - v * r[2] - w * r[3] + r[4]);
  const Lanes t2 = kHalfRoot * rho * (u * r[0] - r[1]);
  const Lanes t3 = kHalfRoot * rho * square_root(squared) * t1;
  return {r[0] - t1, -rho * (w * r[0] - r[3]), rho * (v * r[0] - r[2]), t3 - t2, t2 + t3};
}

/// From x to y.
[[gnu::always_inline]] inline FiveLanes x_to_y(const FiveLanes& r) {
  const Lanes t1 = kHalfRoot * r[2];
  const Lanes t2 = 0.5 * (r[3] + r[4]);
  return {-r[1], r[0], kHalfRoot * (r[3] - r[4]), t2 - t1, t1 + t2};
}

/// From y to z.
[[gnu::always_inline]] inline FiveLanes y_to_z(const FiveLanes& r) {
  const Lanes t1 = kHalfRoot * r[0];
  const Lanes t2 = 0.5 * (r[3] + r[4]);
  return {kHalfRoot * (r[3] - r[4]), -r[2], r[1], t2 - t1, t1 + t2};
}

/// After the sweep along z.
[[gnu::always_inline]] inline FiveLanes from_z(const FiveLanes& r, const DerivedLanes& at) {
  const Lanes density = 1.0 / at[kInverseDensity];
  const Lanes u = at[kVelocityX];
  const Lanes v = at[kVelocityY];
  const Lanes w = at[kVelocityZ];
  const Lanes squared = sound_squared(at[kEnergy], at[kKinetic]);
  const Lanes scaled = kHalfRoot * density;
  const Lanes t1 = scaled / square_root(squared) * (r[3] + r[4]);
  const Lanes t2 = r[2] + t1;
  const Lanes t3 = scaled * (r[3] - r[4]);
  return {t2, u * t2 - density * r[1], density * r[0] + v * t2, w * t2 + t3,
          density * (v * r[0] - u * r[1]) + at[kKinetic] * t2 + squared * t1 / kC2 + w * t3};
}

}  // namespace migbench::npb
