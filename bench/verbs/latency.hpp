// Latency of one size, as the client measures it and the server answers it.
#pragma once

#include "bench/recorder.hpp"
#include "bench/verbs/plan.hpp"
#include "bench/verbs/round_trips.hpp"

namespace migbench::verbs {

/// How a measurement went; the samples are in the recorder.
struct Measured {
  std::int64_t per_sample = 1;  ///< bandwidth: messages of a sample
  Stopped stopped = Stopped::not_yet;
  Nanoseconds spent{};
  nlohmann::json server{};  ///< bidirectional bandwidth: what the server measured
};

[[nodiscard]] Measured lead_latency(Connected& link, RoundTrips& trips, const Plan& plan,
                                    Recorder& recorder, Bytes size);
void follow_latency(Connected& link, RoundTrips& trips, Bytes size);

}  // namespace migbench::verbs
