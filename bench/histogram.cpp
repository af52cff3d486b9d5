#include "bench/histogram.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace migbench {

void Histogram::merge(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i)
    counts_[i] += other.counts_[i];
  count_ += other.count_;
  minimum_ = std::min(minimum_, other.minimum_);
  maximum_ = std::max(maximum_, other.maximum_);
}

double Histogram::at_rank(std::uint64_t rank) const noexcept {
  if (count_ == 0) return 0;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen <= rank) continue;
    const auto low = static_cast<double>(lower_bound(i));
    const auto next = static_cast<double>(lower_bound(std::min(i + 1, kBuckets - 1)));
    return std::clamp((low + std::max(low, next - 1)) / 2, static_cast<double>(minimum_),
                      static_cast<double>(maximum_));
  }
  return static_cast<double>(maximum_);
}

double Histogram::quantile(double p) const noexcept {
  if (count_ == 0) return 0;
  return at_rank(static_cast<std::uint64_t>(std::floor(p * static_cast<double>(count_ - 1))));
}

nlohmann::json Histogram::to_json() const {
  auto buckets = nlohmann::json::array();
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (counts_[i] != 0) buckets.push_back({lower_bound(i), counts_[i]});
  }
  return {{"count", count_},
          {"minimum", minimum()},
          {"maximum", maximum()},
          {"sub_bits", kSubBits},
          {"buckets", buckets}};
}

}  // namespace migbench
