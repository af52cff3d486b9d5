// The synthetic flow problem that BT, SP and LU share: the three-dimensional compressible
// Navier-Stokes equations with a known solution (RNR-94-007, sections 3.2 and 3.3; NAS-95-020).
//
// The three directions are one formula with the momenta exchanged: everything here is written once,
// for a direction whose momentum is the `Normal`th component.
#pragma once

#include <array>
#include <cstddef>

#include "apps/npb/lanes.hpp"

namespace migbench::npb {

/// Density, three momenta, energy.
using Five = std::array<double, 5>;
using FiveLanes = std::array<Lanes, 5>;

// RNR-94-007, section 3.3.1 (c1 to c5), and the dissipation's coefficient.
inline constexpr double kC1 = 1.4;
inline constexpr double kC2 = 0.4;
inline constexpr double kC3C4 = 0.1 * 1.0;
inline constexpr double kC1C5 = 1.4 * 1.4;
inline constexpr double kC1345 = kC1C5 * kC3C4;
inline constexpr double kFourThirds = 4.0 / 3.0;
inline constexpr double kDissipation = 0.25;  // a quarter of the largest diffusion coefficient

/// What a direction with a given number of points has of its own.
struct CfdAxis {
  CfdAxis(int points, int direction)
      : first(0.5 * (points - 1)),
        second(static_cast<double>(points - 1) * (points - 1)),
        diffusion(direction == 2 ? 1.0 : 0.75) {}
  double first;      ///< of a first difference: 1 / (2 h)
  double second;     ///< of a second difference: 1 / h^2
  double diffusion;  ///< of the five components alike
};

/// The exact solution, a polynomial, at coordinates in [0, 1].
[[nodiscard]] Five exact_solution(double xi, double eta, double zeta);

/// The start of the iteration inside: interpolated between the exact solution's values on the six
/// faces; the exact solution itself on the faces.
[[nodiscard]] Five initial_value(double xi, double eta, double zeta);

/// The fourth difference along a line at its point `at`; one-sided at both ends.
[[nodiscard]] std::array<double, 5> dissipation_line(int points, int at);

/// What the right-hand side multiplies the five points of a line by, at each point of that line:
/// diffusion and the fourth-order dissipation.
[[nodiscard]] std::array<double, 5> line_coefficients(const CfdAxis& axis, int points, int at);

/// Those coefficients where the lanes lie along the line (a table for each of the five) ...
struct AlongLanes {
  const double* table;  ///< of coefficient 0 at the first lane
  Index pitch;          ///< from coefficient to coefficient
  [[gnu::always_inline]] Lanes operator()(int point) const { return load(table + point * pitch); }
};
/// ... and where all lanes are at the same place of their lines.
struct AcrossLanes {
  const double* values;
  [[gnu::always_inline]] double operator()(int point) const { return values[point]; }
};

/// Derived quantities beside the five components: 1/density, three velocities, kinetic and total
/// energy per mass.
enum Derived : int {
  kInverseDensity,
  kVelocityX,
  kVelocityY,
  kVelocityZ,
  kKinetic,
  kEnergy,
  kDerivedCount
};

/// Components lie `pitch` apart in both fields.
struct FlowView {
  const double* u;
  const double* derived;
  Index pitch;
};

/// Fills in the derived quantities of kLanes points.
[[gnu::always_inline]] inline void derive(const double* u, double* derived, Index pitch) {
  const Lanes inverse = 1.0 / load(u);
  const Lanes x = load(u + pitch) * inverse;
  const Lanes y = load(u + 2 * pitch) * inverse;
  const Lanes z = load(u + 3 * pitch) * inverse;
  store(derived, inverse);
  store(derived + kVelocityX * pitch, x);
  store(derived + kVelocityY * pitch, y);
  store(derived + kVelocityZ * pitch, z);
  store(derived + kKinetic * pitch, 0.5 * (x * x + y * y + z * z));
  store(derived + kEnergy * pitch, load(u + 4 * pitch) * inverse);
}

/// How many of `rows` rows of a plane, `row` doubles each, the right-hand side had better take at a
/// time on its way through the planes: what it reads again in the next plane (five planes of u,
/// three of the derived quantities, forcing and result) then stays in a second-level cache.
[[nodiscard]] constexpr Index rows_in_cache(Index row, Index rows) {
  constexpr Index bytes = Index{1} << 20U;
  constexpr Index values = 5 * 5 + 3 * kDerivedCount + 5 + 5;
  const Index most = bytes / (values * row * static_cast<Index>(sizeof(double)));
  const Index each = most > 8 ? most : 8;
  const Index parts = (rows + each - 1) / each;
  return (rows + parts - 1) / parts;
}

/// One direction's share of the right-hand side, without the centre of the five-point line.
template <int Normal, class Coefficients>
[[gnu::always_inline]] inline void add_direction(FiveLanes& r, const FlowView& flow, Index at,
                                                 Index step, const CfdAxis& axis,
                                                 const Coefficients& coefficient) {
  constexpr std::size_t n = Normal;
  constexpr std::size_t a = Normal % 3 + 1;
  constexpr std::size_t b = a % 3 + 1;
  FiveLanes up;
  FiveLanes um;
  for (std::size_t m = 0; m < 5; ++m) {
    const double* u = flow.u + static_cast<Index>(m) * flow.pitch + at;
    up[m] = load(u + step);
    um[m] = load(u - step);
    r[m] += coefficient(0) * load(u - 2 * step) + coefficient(1) * um[m] + coefficient(3) * up[m] +
            coefficient(4) * load(u + 2 * step);
  }
  const auto derived = [&](std::size_t m, Index where) {
    return load(flow.derived + static_cast<Index>(m) * flow.pitch + where);
  };
  const Lanes vp = derived(n, at + step);
  const Lanes vm = derived(n, at - step);
  const Lanes v = derived(n, at);
  const Lanes kinetic_p = derived(kKinetic, at + step);
  const Lanes kinetic_m = derived(kKinetic, at - step);
  const Lanes square_p = kinetic_p * up[0];
  const Lanes square_m = kinetic_m * um[0];
  const double viscous = kC3C4 * axis.second;
  const auto second_difference = [](Lanes plus, Lanes centre, Lanes minus) {
    return plus - 2.0 * centre + minus;
  };

  r[0] -= axis.first * (up[n] - um[n]);
  r[n] += viscous * kFourThirds * second_difference(vp, v, vm) -
          axis.first * (up[n] * vp - um[n] * vm + kC2 * (up[4] - square_p - um[4] + square_m));
  for (const std::size_t t : {a, b})
    r[t] +=
        viscous * second_difference(derived(t, at + step), derived(t, at), derived(t, at - step)) -
        axis.first * (up[t] * vp - um[t] * vm);
  r[4] += viscous * (1 - kC1C5) * second_difference(kinetic_p, derived(kKinetic, at), kinetic_m) +
          viscous / 6 * second_difference(vp * vp, v * v, vm * vm) +
          viscous * kC1C5 *
              second_difference(derived(kEnergy, at + step), derived(kEnergy, at),
                                derived(kEnergy, at - step)) -
          axis.first * ((kC1 * up[4] - kC2 * square_p) * vp - (kC1 * um[4] - kC2 * square_m) * vm);
}

/// The right-hand side without forcing at kLanes points from `at` on.
template <class X, class Y, class Z>
[[gnu::always_inline]] inline FiveLanes right_hand_side(const FlowView& flow, Index at,
                                                        const std::array<Index, 3>& steps,
                                                        const std::array<CfdAxis, 3>& axes,
                                                        const X& x, const Y& y, const Z& z) {
  const Lanes centre = Lanes{} + x(2) + y(2) + z(2);
  FiveLanes r;
  for (std::size_t m = 0; m < 5; ++m)
    r[m] = centre * load(flow.u + static_cast<Index>(m) * flow.pitch + at);
  add_direction<1>(r, flow, at, steps[0], axes[0], x);
  add_direction<2>(r, flow, at, steps[1], axes[1], y);
  add_direction<3>(r, flow, at, steps[2], axes[2], z);
  return r;
}

}  // namespace migbench::npb
