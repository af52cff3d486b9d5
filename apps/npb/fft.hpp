// Fast Fourier transforms of powers of two, kLanes of them side by side.
#pragma once

#include <vector>

#include "apps/npb/lanes.hpp"

namespace migbench::npb {

/// kLanes complex numbers.
struct ComplexLanes {
  Lanes re;
  Lanes im;
};

/// A plan for lines of `size` elements: decimation in frequency, in place, radix 8 and 4.
///
/// The result stays in digit-reversed order, since every caller copies it elsewhere anyhow and can
/// pick: X(k) is at lines[position()[k]].
class Fft {
 public:
  /// `size`: a power of two, at least 2.
  explicit Fft(int size);
  [[nodiscard]] int size() const noexcept { return size_; }
  /// X(k) = sum over j of x(j) exp(-2 pi i jk / size), or with +i where `inverse`; not scaled.
  void transform(ComplexLanes* lines, bool inverse) const;
  [[nodiscard]] const std::vector<int>& position() const noexcept { return position_; }

 private:
  struct Twiddle {
    double re;
    double im;
  };
  struct Stage {
    int radix;
    int length;                     ///< of the transforms that this stage splits
    std::vector<Twiddle> twiddles;  ///< radix - 1 for each of length / radix butterflies
  };
  template <bool Inverse>
  void run(ComplexLanes* lines) const;
  template <int Radix, bool Inverse>
  void run_stage(const Stage& stage, ComplexLanes* lines) const;
  template <bool Inverse>
  [[gnu::always_inline]] static ComplexLanes turned(ComplexLanes value, const Twiddle& twiddle);

  int size_;
  std::vector<Stage> stages_;
  std::vector<int> position_;
};

}  // namespace migbench::npb
