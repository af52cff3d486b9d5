// A log-linear histogram for runs too long to keep every sample: 2^kSubBits linear buckets in every
// power of two, so that a value is known to better than 1/128 (0.8 %) over the whole range of 63
// bits, in 60 KiB.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace migbench {

class Histogram {
 public:
  static constexpr unsigned kSubBits = 7;
  static constexpr std::size_t kSub = std::size_t{1} << kSubBits;
  static constexpr std::size_t kBuckets = (64 - kSubBits) * kSub;

  Histogram() : counts_(kBuckets) {}

  /// Negative values are counted in bucket 0.
  void add(std::int64_t value) noexcept {
    ++counts_[bucket(value)];
    ++count_;
    minimum_ = value < minimum_ ? value : minimum_;
    maximum_ = value > maximum_ ? value : maximum_;
  }

  void merge(const Histogram& other) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// Exact, not rounded to a bucket. Zero where nothing was added.
  [[nodiscard]] std::int64_t minimum() const noexcept { return count_ ? minimum_ : 0; }
  [[nodiscard]] std::int64_t maximum() const noexcept { return count_ ? maximum_ : 0; }
  /// The middle of the bucket that holds the p-quantile, held within [minimum, maximum].
  [[nodiscard]] double quantile(double p) const noexcept;
  /// The middle of the bucket of the sample with this 0-based rank.
  [[nodiscard]] double at_rank(std::uint64_t rank) const noexcept;

  /// {"count", "minimum", "maximum", "sub_bits", "buckets": [[lower bound, count], ...]}, empty
  /// buckets left out.
  [[nodiscard]] nlohmann::json to_json() const;

  [[nodiscard]] static constexpr std::size_t bucket(std::int64_t value) noexcept {
    if (value < static_cast<std::int64_t>(kSub))
      return value < 0 ? 0 : static_cast<std::size_t>(value);
    const auto bits = static_cast<std::uint64_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(bits)) - 1 - kSubBits;
    return shift * kSub + static_cast<std::size_t>(bits >> shift);
  }
  /// The smallest value of a bucket.
  [[nodiscard]] static constexpr std::int64_t lower_bound(std::size_t bucket) noexcept {
    if (bucket < 2 * kSub) return static_cast<std::int64_t>(bucket);
    const std::size_t shift = bucket / kSub - 1;
    return static_cast<std::int64_t>((bucket - shift * kSub) << shift);
  }

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::int64_t minimum_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t maximum_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace migbench
