#include "bench/recorder.hpp"

#include "bench/blocks.hpp"

namespace migbench {
namespace {

/// Beyond the bound there is room for one more block, which is never smaller than this.
constexpr std::size_t kSmallestBlock = 4096;

}  // namespace

Recorder::Recorder(std::size_t bound) : bound_(bound), store_(bound + kSmallestBlock) {}

void Recorder::clear() {
  store_.clear();
  histogram_.reset();
  poured_sum_ = 0;
}

void Recorder::settle() {
  if (!histogram_ && store_.size() <= bound_) return;
  if (!histogram_) histogram_.emplace();
  for (const std::int64_t value : store_.values()) {
    histogram_->add(value);
    poured_sum_ += static_cast<double>(value);
  }
  store_.clear();
}

std::size_t Recorder::count() const noexcept {
  return store_.size() + (histogram_ ? static_cast<std::size_t>(histogram_->count()) : 0);
}

std::span<const std::int64_t> Recorder::raw() const noexcept {
  return histogram_ ? std::span<const std::int64_t>{} : store_.values();
}

Stopped Recorder::judge(const StoppingRule& rule, Nanoseconds spent) const {
  return histogram_ ? migbench::judge(rule, *histogram_, spent)
                    : migbench::judge(rule, store_.values(), spent);
}

std::optional<Summary> Recorder::summary() const {
  if (!histogram_) return summarize(store_.values());
  const Histogram& all = *histogram_;
  Summary summary;
  summary.n = static_cast<std::size_t>(all.count());
  summary.median = all.quantile(0.5);
  if (const auto ranks = quantile_ranks(summary.n, 0.5))
    summary.interval = Interval{all.at_rank(ranks->low), all.at_rank(ranks->high)};
  summary.minimum = static_cast<double>(all.minimum());
  summary.maximum = static_cast<double>(all.maximum());
  summary.p01 = all.quantile(0.01);
  summary.p25 = all.quantile(0.25);
  summary.p75 = all.quantile(0.75);
  summary.p90 = all.quantile(0.90);
  summary.p99 = all.quantile(0.99);
  summary.p999 = all.quantile(0.999);
  summary.mean = poured_sum_ / static_cast<double>(all.count());
  return summary;
}

Step next_step(Recorder& recorder, const StoppingRule& rule, Nanoseconds spent, double guess_ns) {
  recorder.settle();
  const std::size_t taken = recorder.count();
  const double each_ns =
      taken > 0 ? static_cast<double>(spent.count()) / static_cast<double>(taken) : guess_ns;
  return {recorder.judge(rule, spent), next_block(rule, {taken, recorder.room(), spent, each_ns})};
}

}  // namespace migbench
