// Where the samples of one size go: all of them raw up to a bound, a histogram past it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "bench/histogram.hpp"
#include "bench/quantile.hpp"
#include "bench/samples.hpp"
#include "bench/stopping.hpp"

namespace migbench {

class Recorder {
 public:
  /// At most `bound` raw samples are kept. Its memory is taken here, once for all sizes.
  explicit Recorder(std::size_t bound);

  void clear();

  /// Where the hot loop puts its samples, room() of them at the most before settle() is called.
  [[nodiscard]] SampleStore& store() noexcept { return store_; }
  [[nodiscard]] std::size_t room() const noexcept { return store_.capacity() - store_.size(); }

  /// To be called between blocks: moves what is in the store to the histogram when the bound is
  /// passed, and from then on every time.
  void settle();

  [[nodiscard]] std::size_t count() const noexcept;
  /// Empty where the samples are in a histogram.
  [[nodiscard]] std::span<const std::int64_t> raw() const noexcept;
  /// Empty where the samples are raw.
  [[nodiscard]] const std::optional<Histogram>& histogram() const noexcept { return histogram_; }

  /// As bench/stopping.hpp says, over all samples.
  [[nodiscard]] Stopped judge(const StoppingRule& rule, Nanoseconds spent) const;
  /// Over all samples; from a histogram its quantiles are known to better than 1 %, while minimum,
  /// maximum and mean are exact. Nothing where there is no sample.
  [[nodiscard]] std::optional<Summary> summary() const;

 private:
  std::size_t bound_;
  SampleStore store_;
  std::optional<Histogram> histogram_;
  double poured_sum_ = 0;  ///< of the samples in the histogram
};

/// What an adaptive measurement does next: it stops, or takes so many samples (which it also has
/// where it stops, for those that go on because others have not enough).
struct Step {
  Stopped stopped = Stopped::not_yet;
  std::int64_t samples = 1;  ///< as next_block() of bench/blocks.hpp says
};

/// Settles the recorder and looks. `guess_ns`: what a sample takes, as long as there is none.
[[nodiscard]] Step next_step(Recorder& recorder, const StoppingRule& rule, Nanoseconds spent,
                             double guess_ns);

}  // namespace migbench
