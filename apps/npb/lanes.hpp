// SIMD without intrinsics: a vector of as many doubles as the instruction set of this build has in
// one register, by the vector extensions that GCC and Clang share.
//
// Every kernel computes `kLanes` independent points, lines or random numbers at once; a build for
// another instruction set only has another kLanes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace migbench::npb {

#if defined(__AVX512F__)
inline constexpr int kLanes = 8;
#elif defined(__AVX__)
inline constexpr int kLanes = 4;
#else
inline constexpr int kLanes = 2;
#endif

using Index = std::ptrdiff_t;

using Lanes [[gnu::vector_size(kLanes * sizeof(double))]] = double;
using LongLanes [[gnu::vector_size(kLanes * sizeof(std::uint64_t))]] = std::uint64_t;

namespace detail {
using UnalignedLanes
    [[gnu::vector_size(kLanes * sizeof(double)), gnu::aligned(sizeof(double)), gnu::may_alias]] =
        double;
}  // namespace detail

/// From and to any address of a double.
[[gnu::always_inline]] inline Lanes load(const double* from) {
  return *reinterpret_cast<const detail::UnalignedLanes*>(from);
}
[[gnu::always_inline]] inline void store(double* to, Lanes value) {
  *reinterpret_cast<detail::UnalignedLanes*>(to) = value;
}

[[gnu::always_inline]] inline Lanes spread(double value) {
  return value - Lanes{};  // x - 0 is x for every x, -0 too
}

/// So many doubles that a row of vectors holds `count`.
[[nodiscard]] constexpr Index whole_vectors(Index count) {
  return (count + kLanes - 1) / kLanes * kLanes;
}

/// {0, 1, 2 ...}
[[gnu::always_inline]] inline Lanes lane_numbers() {
  Lanes numbers{};
  for (int lane = 0; lane < kLanes; ++lane)
    numbers[lane] = lane;
  return numbers;
}

/// Which lanes have numbers in [low, high).
[[gnu::always_inline]] inline auto lanes_within(Index low, Index high) {
  const Lanes numbers = lane_numbers();
  return (numbers >= static_cast<double>(low)) & (numbers < static_cast<double>(high));
}

[[gnu::always_inline]] inline double sum(Lanes value) {
  double total = 0;
  for (int lane = 0; lane < kLanes; ++lane)
    total += value[lane];
  return total;
}

namespace detail {

/// The kLanes numbers from the `First`-th on of `low` with `high` behind it.
template <int First, int... Lane>
[[gnu::always_inline]] inline Lanes joined(Lanes low, Lanes high,
                                           std::integer_sequence<int, Lane...> /*lanes*/) {
  return __builtin_shufflevector(low, high, (First + Lane)...);
}

}  // namespace detail

/// What lies a number before `here`, which lies behind `before`.
[[gnu::always_inline]] inline Lanes one_earlier(Lanes before, Lanes here) {
  return detail::joined<kLanes - 1>(before, here, std::make_integer_sequence<int, kLanes>{});
}
/// What lies a number behind `here`, which lies before `next`.
[[gnu::always_inline]] inline Lanes one_later(Lanes here, Lanes next) {
  return detail::joined<1>(here, next, std::make_integer_sequence<int, kLanes>{});
}

using Tile = std::array<Lanes, kLanes>;

namespace detail {

template <int Distance, bool Upper, int... Lane>
[[gnu::always_inline]] inline Lanes exchange(Lanes a, Lanes b,
                                             std::integer_sequence<int, Lane...> /*lanes*/) {
  // Keeps a's lanes where bit `Distance` of the lane number is `Upper`, fills the others from b.
  return Upper ? __builtin_shufflevector(
                     a, b, ((Lane & Distance) != 0 ? kLanes + Lane : Lane + Distance)...)
               : __builtin_shufflevector(
                     a, b, ((Lane & Distance) == 0 ? Lane : kLanes + Lane - Distance)...);
}

template <int Distance>
[[gnu::always_inline]] inline void transpose_step(Tile& tile) {
  using Numbers = std::make_integer_sequence<int, kLanes>;
  constexpr std::size_t distance = Distance;
  for (std::size_t row = 0; row < kLanes; ++row) {
    if ((row & distance) != 0) continue;
    const Lanes a = tile[row];
    const Lanes b = tile[row + distance];
    tile[row] = exchange<Distance, false>(a, b, Numbers{});
    tile[row + distance] = exchange<Distance, true>(a, b, Numbers{});
  }
}

}  // namespace detail

/// Lane j of row i changes places with lane i of row j: log2(kLanes) rounds of pairwise exchange.
[[gnu::always_inline]] inline void transpose(Tile& tile) {
  detail::transpose_step<1>(tile);
  if constexpr (kLanes > 2) detail::transpose_step<2>(tile);
  if constexpr (kLanes > 4) detail::transpose_step<4>(tile);
}

}  // namespace migbench::npb
