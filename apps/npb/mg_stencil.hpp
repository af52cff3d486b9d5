// MG's 27-point stencils with a weight each for the centre, faces, edges and corners of the cube.
//
// With C the row through the centre, B the sum of the four rows beside it and D that of the four
// diagonal to it, the weighted sum at x is P(x) + E(x - 1) + E(x + 1), where
//     P = w0 C + w1 B + w2 D,    E = w1 C + w2 B + w3 D:
// a row is read once, and only E has to be shifted, which is done in registers.
#pragma once

#include "apps/npb/lanes.hpp"
#include "apps/npb/mg_level.hpp"

namespace migbench::npb {

/// A weight that is zero, and whose products the compiler may not leave out by itself.
enum class Weightless { none, faces, corners };

/// The same call for a vector and, where a row is shorter than one, for a number.
[[gnu::always_inline]] inline Lanes get(const double* from, Lanes /*like*/) {
  return load(from);
}
[[gnu::always_inline]] inline double get(const double* from, double /*like*/) {
  return *from;
}
[[gnu::always_inline]] inline void put(double* to, Lanes value) {
  store(to, value);
}
[[gnu::always_inline]] inline void put(double* to, double value) {
  *to = value;
}

namespace detail {

template <class Number>
struct StencilParts {
  Number centred;  ///< P
  Number shifted;  ///< E
};

template <Weightless kZero, class Number>
[[gnu::always_inline]] inline StencilParts<Number> stencil_parts(const MgPlanes& planes, Index at,
                                                                 Index row, const Four& w) {
  const auto value = [](const double* from) { return get(from, Number{}); };
  const double* below = planes.below + at;
  const double* centre = planes.centre + at;
  const double* above = planes.above + at;
  const Number c = value(centre);
  const Number b = (value(centre - row) + value(centre + row)) + (value(below) + value(above));
  const Number d =
      (value(below - row) + value(below + row)) + (value(above - row) + value(above + row));
  StencilParts<Number> parts{w[0] * c + w[2] * d, w[2] * b};
  if constexpr (kZero != Weightless::faces) {
    parts.centred += w[1] * b;
    parts.shifted += w[1] * c;
  }
  if constexpr (kZero != Weightless::corners) parts.shifted += w[3] * d;
  return parts;
}

}  // namespace detail

/// Calls take(x, sums) for the row that begins `row` behind the planes' points (0, 0): with the
/// sums at x, x + 1 ... as Lanes, or as double where the row is no whole vectors. What it writes
/// must not be read here.
template <Weightless kZero, class Take>
[[gnu::always_inline]] inline void mg_stencil_row(const MgShape& shape, const MgPlanes& planes,
                                                  Index row, const Four& weights, Take&& take) {
  const auto parts = [&]<class Number>(Index x, Number) {
    return detail::stencil_parts<kZero, Number>(planes, row + x, shape.row, weights);
  };
  if (shape.points % kLanes != 0) {
    for (Index x = 0; x < shape.points; ++x)
      take(x, parts(x, 0.0).centred + parts(x - 1, 0.0).shifted + parts(x + 1, 0.0).shifted);
    return;
  }
  // Vectors before the first and behind the last lie in the margins, of which one number is used.
  Lanes before = parts(-kLanes, Lanes{}).shifted;
  auto here = parts(0, Lanes{});
  for (Index x = 0; x < shape.points; x += kLanes) {
    const auto next = parts(x + kLanes, Lanes{});
    take(x, here.centred +
                (one_earlier(before, here.shifted) + one_later(here.shifted, next.shifted)));
    before = here.shifted;
    here = next;
  }
}

}  // namespace migbench::npb
