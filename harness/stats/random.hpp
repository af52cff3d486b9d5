// The random numbers of every resampling: the same on every standard library, so that the same
// records and the same seed give the same report everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace migbench {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): passes BigCrush, one multiplication chain a
/// number.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }

  /// 0 .. n-1 by multiplication and shift; its bias is below n / 2^32.
  std::size_t below(std::size_t n) noexcept {
    return static_cast<std::size_t>(((next() >> 32U) * n) >> 32U);
  }

  /// [0, 1)
  double uniform() noexcept { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

/// A seed of its own for everything that has a name, so that one more row changes no other row's
/// resamples (FNV-1a over the name, started from `seed`).
[[nodiscard]] constexpr std::uint64_t seed_for(std::uint64_t seed, std::string_view name) noexcept {
  std::uint64_t hash = seed ^ 0xcbf29ce484222325ULL;
  for (const char c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

}  // namespace migbench
