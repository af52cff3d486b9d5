// The costs that stand between an event and its sample: reading the clock, storing, both together.
#include <benchmark/benchmark.h>

#include "bench/clock.hpp"
#include "bench/histogram.hpp"
#include "bench/pacer.hpp"
#include "bench/quantile.hpp"
#include "bench/samples.hpp"

namespace {

using migbench::now_ns;

void clock_read(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(now_ns());
}
BENCHMARK(clock_read);

void sample_add(benchmark::State& state) {
  migbench::SampleStore store(std::size_t{1} << 20);
  std::int64_t value = 0;
  for ([[maybe_unused]] auto _ : state) {
    if (store.full()) store.clear();
    store.add(++value);
  }
}
BENCHMARK(sample_add);

// The promise of the measuring core: at most 40 ns.
void stamp_and_store(benchmark::State& state) {
  migbench::SampleStore store(std::size_t{1} << 20);
  for ([[maybe_unused]] auto _ : state) {
    if (store.full()) store.clear();
    store.add(now_ns());
  }
}
BENCHMARK(stamp_and_store);

void stamp_and_histogram(benchmark::State& state) {
  migbench::Histogram histogram;
  std::int64_t last = now_ns();
  for ([[maybe_unused]] auto _ : state) {
    const std::int64_t now = now_ns();
    histogram.add(now - last);
    last = now;
  }
}
BENCHMARK(stamp_and_histogram);

void pacer_late_slot(benchmark::State& state) {
  // An interval of 1 ns is always over: the cost of the bookkeeping alone.
  migbench::Pacer pacer(migbench::deadline_now_ns(), migbench::Nanoseconds{1},
                        migbench::Nanoseconds{0});
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(pacer.wait());
}
BENCHMARK(pacer_late_slot);

void median_estimate(benchmark::State& state) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(state.range(0)));
  std::uint64_t x = 1;
  for (auto& value : values) {
    x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    value = static_cast<std::int64_t>(x >> 40U);
  }
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(migbench::estimate_median(values));
}
BENCHMARK(median_estimate)->Arg(1000)->Arg(100'000);

}  // namespace
