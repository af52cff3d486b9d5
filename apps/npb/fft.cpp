#include "apps/npb/fft.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace migbench::npb {
namespace {

[[gnu::always_inline]] inline ComplexLanes operator+(ComplexLanes a, ComplexLanes b) {
  return {a.re + b.re, a.im + b.im};
}
[[gnu::always_inline]] inline ComplexLanes operator-(ComplexLanes a, ComplexLanes b) {
  return {a.re - b.re, a.im - b.im};
}

/// Times -i, or +i where inverse.
template <bool Inverse>
[[gnu::always_inline]] inline ComplexLanes quarter_turn(ComplexLanes a) {
  return Inverse ? ComplexLanes{-a.im, a.re} : ComplexLanes{a.im, -a.re};
}

/// Times (1 - i) / sqrt 2, or (1 + i) / sqrt 2 where inverse.
template <bool Inverse>
[[gnu::always_inline]] inline ComplexLanes eighth_turn(ComplexLanes a) {
  constexpr double half_root = std::numbers::sqrt2 / 2;
  return Inverse ? ComplexLanes{(a.re - a.im) * half_root, (a.re + a.im) * half_root}
                 : ComplexLanes{(a.re + a.im) * half_root, (a.im - a.re) * half_root};
}

template <int Radix, bool Inverse>
[[gnu::always_inline]] inline std::array<ComplexLanes, Radix> butterfly(
    const std::array<ComplexLanes, Radix>& a) {
  if constexpr (Radix == 2) {
    return {a[0] + a[1], a[0] - a[1]};
  } else if constexpr (Radix == 4) {
    const auto even = a[0] + a[2];
    const auto odd = a[1] + a[3];
    const auto even_rest = a[0] - a[2];
    const auto odd_rest = quarter_turn<Inverse>(a[1] - a[3]);
    return {even + odd, even_rest + odd_rest, even - odd, even_rest - odd_rest};
  } else {
    const auto low = butterfly<4, Inverse>({a[0] + a[4], a[1] + a[5], a[2] + a[6], a[3] + a[7]});
    const auto high = butterfly<4, Inverse>(
        {a[0] - a[4], eighth_turn<Inverse>(a[1] - a[5]), quarter_turn<Inverse>(a[2] - a[6]),
         quarter_turn<Inverse>(eighth_turn<Inverse>(a[3] - a[7]))});
    return {low[0], high[0], low[1], high[1], low[2], high[2], low[3], high[3]};
  }
}

/// The radices for 2^bits: as many eights as possible with fours before them, a two only for 2.
std::vector<int> radices(int bits) {
  std::vector<int> list;
  while (bits > 0) {
    const int take = bits % 3 == 0 ? 3 : (bits == 1 ? 1 : 2);
    list.push_back(1 << take);
    bits -= take;
  }
  return list;
}

}  // namespace

Fft::Fft(int size) : size_(size), position_(static_cast<std::size_t>(size)) {
  int bits = 0;
  while ((1 << bits) < size)
    ++bits;
  // The frequency whose value is at each position, refined stage by stage: of a block's outputs the
  // p-th part holds the frequencies p modulo the radix.
  std::vector<int> frequency(static_cast<std::size_t>(size), 0);
  int length = size;
  int step = 1;
  for (const int radix : radices(bits)) {
    const int part = length / radix;
    Stage stage{radix, length, {}};
    for (int j = 0; j < part; ++j)
      for (int p = 1; p < radix; ++p) {
        const double angle = -2 * std::numbers::pi * j * p / length;
        stage.twiddles.push_back({std::cos(angle), std::sin(angle)});
      }
    stages_.push_back(std::move(stage));
    for (int at = 0; at < size; ++at)
      frequency[static_cast<std::size_t>(at)] += (at / part) % radix * step;
    step *= radix;
    length = part;
  }
  for (int at = 0; at < size; ++at)
    position_[static_cast<std::size_t>(frequency[static_cast<std::size_t>(at)])] = at;
}

template <bool Inverse>
inline ComplexLanes Fft::turned(ComplexLanes value, const Twiddle& twiddle) {
  return Inverse ? ComplexLanes{value.re * twiddle.re + value.im * twiddle.im,
                                value.im * twiddle.re - value.re * twiddle.im}
                 : ComplexLanes{value.re * twiddle.re - value.im * twiddle.im,
                                value.im * twiddle.re + value.re * twiddle.im};
}

template <int Radix, bool Inverse>
void Fft::run_stage(const Stage& stage, ComplexLanes* lines) const {
  const Index part = stage.length / Radix;
  for (ComplexLanes* block = lines; block != lines + size_; block += stage.length) {
    const Twiddle* twiddle = stage.twiddles.data();
    for (Index j = 0; j < part; ++j, twiddle += Radix - 1) {
      std::array<ComplexLanes, Radix> a;
      for (Index p = 0; p < Radix; ++p)
        a[static_cast<std::size_t>(p)] = block[j + p * part];
      const auto b = butterfly<Radix, Inverse>(a);
      block[j] = b[0];
      for (Index p = 1; p < Radix; ++p)
        block[j + p * part] = turned<Inverse>(b[static_cast<std::size_t>(p)], twiddle[p - 1]);
    }
  }
}

template <bool Inverse>
void Fft::run(ComplexLanes* lines) const {
  for (const Stage& stage : stages_) {
    if (stage.radix == 8)
      run_stage<8, Inverse>(stage, lines);
    else if (stage.radix == 4)
      run_stage<4, Inverse>(stage, lines);
    else
      run_stage<2, Inverse>(stage, lines);
  }
}

void Fft::transform(ComplexLanes* lines, bool inverse) const {
  if (inverse)
    run<true>(lines);
  else
    run<false>(lines);
}

}  // namespace migbench::npb
