// The pseudorandom numbers of the NAS Parallel Benchmarks (RNR-94-007, section 2.3):
// x(k+1) = a x(k) mod 2^46 with a = 5^13, and the k-th number is x(k) / 2^46.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "apps/npb/lanes.hpp"

namespace migbench::npb {

inline constexpr std::uint64_t kRandomMultiplier = 1220703125;  // 5^13
inline constexpr std::uint64_t kRandomMask = (std::uint64_t{1} << 46U) - 1;
inline constexpr std::uint64_t kRandomSeed = 314159265;  // of FT, MG, IS and CG

/// multiplier^exponent mod 2^46: jumps over `exponent` numbers. (The low 46 bits of a product
/// depend on nothing above them, so 64-bit arithmetic that wraps is exact.)
[[nodiscard]] constexpr std::uint64_t random_power(std::uint64_t multiplier,
                                                   std::uint64_t exponent) noexcept {
  std::uint64_t power = 1;
  for (; exponent != 0; exponent >>= 1U) {
    if ((exponent & 1U) != 0) power *= multiplier;
    multiplier *= multiplier;
  }
  return power & kRandomMask;
}

class Random {
 public:
  /// The sequence from `seed` on, after its first `skipped` numbers.
  explicit constexpr Random(std::uint64_t seed, std::uint64_t skipped = 0,
                            std::uint64_t multiplier = kRandomMultiplier) noexcept
      : multiplier_(multiplier), state_((seed * random_power(multiplier, skipped)) & kRandomMask) {}

  /// In (0, 1).
  constexpr double next() noexcept {
    state_ = (state_ * multiplier_) & kRandomMask;
    return static_cast<double>(state_) * 0x1p-46;
  }
  [[nodiscard]] constexpr std::uint64_t state() const noexcept { return state_; }

 private:
  std::uint64_t multiplier_;
  std::uint64_t state_;
};

/// kLanes such sequences side by side.
class RandomLanes {
 public:
  /// Lane l starts after `skipped` + l * `apart` numbers; next() goes `step` numbers on.
  RandomLanes(std::uint64_t seed, std::uint64_t skipped, std::uint64_t apart, std::uint64_t step)
      : multiplier_(LongLanes{} + random_power(kRandomMultiplier, step)) {
    // One step back, since next() steps before it answers: the order of 5 modulo 2^46 is 2^44.
    const std::uint64_t back = (std::uint64_t{1} << 44U) - step;
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto first = skipped + static_cast<std::uint64_t>(lane) * apart + 1;
      state_[lane] = (seed * random_power(kRandomMultiplier, first + back)) & kRandomMask;
    }
  }

  void skip(std::uint64_t numbers) noexcept {
    state_ = (state_ * random_power(kRandomMultiplier, numbers)) & kRandomMask;
  }

  [[gnu::always_inline]] Lanes next() noexcept {
    state_ = (state_ * multiplier_) & kRandomMask;
    // An integer below 2^52, or-ed into the mantissa of 2^52, is a double without a conversion.
    constexpr double two_52 = 0x1p52;
    const auto bits = state_ | std::bit_cast<std::uint64_t>(two_52);
    return (std::bit_cast<Lanes>(bits) - two_52) * 0x1p-46;
  }

 private:
  LongLanes multiplier_;
  LongLanes state_{};
};

}  // namespace migbench::npb
