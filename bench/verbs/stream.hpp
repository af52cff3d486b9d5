// Bandwidth of one size: queues that are never empty while they are measured. A sample is the time
// in which so many messages completed, in the midst of the stream; its first and last messages,
// while the queues fill and drain, are in none.
//
// In both directions at once, each side measures its own messages, and goes on sending for as long
// as the other one still measures.
#pragma once

#include "bench/verbs/latency.hpp"
#include "bench/verbs/traffic.hpp"

namespace migbench::verbs {

[[nodiscard]] Measured lead_bandwidth(Connected& link, Traffic& traffic, const Plan& plan,
                                      Recorder& recorder, Bytes size);
/// `recorder` is used where the server sends, too.
void follow_bandwidth(Connected& link, Traffic& traffic, Recorder& recorder, Bytes size);

/// What one side measured: {"summary", "samples" ..., "bandwidth", "message_rate"}; null where
/// there is no sample.
[[nodiscard]] nlohmann::json stream_json(const Recorder& recorder, Bytes size,
                                         std::int64_t per_sample, std::size_t samples);

}  // namespace migbench::verbs
