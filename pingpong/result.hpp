// What is known of one size of one pair, and the figures made from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/figure.hpp"
#include "bench/histogram.hpp"
#include "bench/quantile.hpp"
#include "bench/stopping.hpp"
#include "pingpong/options.hpp"
#include "pingpong/pairs.hpp"

namespace migbench::pingpong {

/// All durations are of one sample in nanoseconds: `per_sample` iterations. An iteration is a round
/// trip (latency) or a window with its ack (bandwidth).
struct Result {
  Pair pair;
  Bytes size;
  Summary summary;
  std::int64_t per_sample = 1;
  Stopped stopped = Stopped::not_yet;
  Nanoseconds spent{};
  double clock_cost_ns = 0;
  nlohmann::json raw = nlohmann::json::object();  ///< {"samples": [...], "samples_kept",
                                                  ///< "samples_taken"} or {"histogram"}
};

/// Half a round trip in microseconds.
[[nodiscard]] Figure latency(const Result& result);

/// Bytes that cross in one sample, both directions together.
[[nodiscard]] double bytes_of_sample(const Options& options, const Result& result);
/// 10^6 bytes a second. Its mean is all bytes over all time (the harmonic mean of the rates).
[[nodiscard]] Figure bandwidth(const Options& options, const Result& result);
/// Messages a second, both directions together.
[[nodiscard]] Figure message_rate(const Options& options, const Result& result);

/// An entry of the document's "results"; docs/pingpong.md describes it.
[[nodiscard]] nlohmann::json to_json(const Options& options, const Result& result);

}  // namespace migbench::pingpong
