#include "bench/verbs/latency.hpp"

#include <algorithm>

#include "bench/clock.hpp"

namespace migbench::verbs {
namespace {

/// Round trips that are not recorded before each block: the server leaves the talk between blocks a
/// little later than the client, and caches are cold.
std::int64_t lead_in(std::int64_t warmup) {
  return std::clamp<std::int64_t>(warmup / 10, 1, 10);
}

/// `samples` of them into the store, after `unrecorded` others.
void block(Connected& link, RoundTrips& trips, std::int64_t unrecorded, std::int64_t samples,
           SampleStore* store) {
  link.control().send({{"go", unrecorded + samples}});
  trips.lead(unrecorded, nullptr);
  trips.lead(samples, store);
}

}  // namespace

Measured lead_latency(Connected& link, RoundTrips& trips, const Plan& plan, Recorder& recorder,
                      Bytes size) {
  const StoppingRule rule = rule_for(plan, Mode::latency, size);
  const std::int64_t warmup = std::max<std::int64_t>(1, warmup_for(plan, Mode::latency, size));
  recorder.clear();
  trips.set_size(size);
  const std::int64_t warm_start = now_ns();
  block(link, trips, warmup, 0, nullptr);
  const double each_ns = static_cast<double>(now_ns() - warm_start) / static_cast<double>(warmup);

  Measured measured;
  const std::int64_t start = now_ns();
  for (;;) {
    measured.spent = Nanoseconds{now_ns() - start};
    const Step step = next_step(recorder, rule, measured.spent, each_ns);
    measured.stopped = step.stopped;
    if (step.stopped != Stopped::not_yet) break;
    block(link, trips, lead_in(warmup), step.samples, &recorder.store());
  }
  link.control().send({{"stop", true}});
  return measured;
}

void follow_latency(Connected& link, RoundTrips& trips, Bytes size) {
  trips.set_size(size);
  for (;;) {
    const nlohmann::json order = link.control().receive(patience(link.settings()));
    if (order.contains("stop")) return;
    if (link.settings().operation != Operation::read)
      trips.follow(order.at("go").get<std::int64_t>());
  }
}

}  // namespace migbench::verbs
