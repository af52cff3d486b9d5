// Elementary functions of kLanes numbers.
#pragma once

#include <array>
#include <bit>
#include <numbers>

#include "apps/npb/lanes.hpp"

namespace migbench::npb {

[[gnu::always_inline]] inline Lanes square_root(Lanes value) {
  for (int lane = 0; lane < kLanes; ++lane)
    value[lane] = __builtin_sqrt(value[lane]);
  return value;
}

[[gnu::always_inline]] inline Lanes absolute(Lanes value) {
  constexpr std::uint64_t sign = std::uint64_t{1} << 63U;
  return std::bit_cast<Lanes>(std::bit_cast<LongLanes>(value) & ~sign);
}

[[gnu::always_inline]] inline Lanes larger_of(Lanes a, Lanes b) {
  return a > b ? a : b;
}

[[gnu::always_inline]] inline bool any_at_least(Lanes value, double bound) {
  const auto above = std::bit_cast<LongLanes>(value >= bound);
  std::uint64_t any = 0;
  for (int lane = 0; lane < kLanes; ++lane)
    any |= above[lane];
  return any != 0;
}

/// The natural logarithm of positive normal numbers, within 1 unit in the last place.
///
/// x = 2^e m with m in [sqrt(1/2), sqrt(2)), s = (m - 1) / (m + 1), and
/// log m = 2 s + 2/3 s^3 + 2/5 s^5 ..., whose tail is a minimax polynomial of s^2 (the coefficients
/// are those of the Remez approximation on [0, 0.1716] published with fdlibm's e_log.c).
[[gnu::always_inline]] inline Lanes logarithm(Lanes x) {
  constexpr std::array<double, 7> tail{6.666666666666735130e-01, 3.999999999940941908e-01,
                                       2.857142874366239149e-01, 2.222219843214978396e-01,
                                       1.818357216161805012e-01, 1.531383769920937332e-01,
                                       1.479819860511658591e-01};
  // Adding the distance from sqrt(1/2) to 1 before the exponent is read off puts m into the range.
  constexpr auto shift =
      std::bit_cast<std::uint64_t>(1.0) - std::bit_cast<std::uint64_t>(std::numbers::sqrt2 / 2);
  constexpr std::uint64_t mantissa = (std::uint64_t{1} << 52U) - 1;
  const LongLanes bits = std::bit_cast<LongLanes>(x) + shift;
  const LongLanes fraction =
      (bits & mantissa) + std::bit_cast<std::uint64_t>(std::numbers::sqrt2 / 2);
  // A small integer or-ed into 2^52 is a double; 1023 is the exponent's bias.
  const LongLanes magic = (bits >> 52U) | std::bit_cast<std::uint64_t>(0x1p52);
  const Lanes exponent = std::bit_cast<Lanes>(magic) - (0x1p52 + 1023);
  const Lanes f = std::bit_cast<Lanes>(fraction) - 1.0;
  const Lanes s = f / (2.0 + f);
  const Lanes z = s * s;
  Lanes polynomial = spread(tail[6]);
  for (std::size_t at = 6; at-- > 0;)
    polynomial = polynomial * z + tail[at];
  const Lanes half_square = 0.5 * f * f;
  constexpr double ln2_high = 6.93147180369123816490e-01;
  constexpr double ln2_low = 1.90821492927058770002e-10;
  return exponent * ln2_high -
         ((half_square - (s * (half_square + polynomial * z) + exponent * ln2_low)) - f);
}

}  // namespace migbench::npb
