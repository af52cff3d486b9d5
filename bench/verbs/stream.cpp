#include "bench/verbs/stream.hpp"

#include <algorithm>

#include "bench/blocks.hpp"
#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "bench/figure.hpp"

namespace migbench::verbs {
namespace {

using nlohmann::json;

/// One block of a stream as one side sees it.
class Block {
 public:
  Block(Connected& link, Traffic& traffic) : link_(link), traffic_(traffic) {}

  /// Fills the queues and lets as many messages complete as are on their way then.
  void fill() {
    traffic_.post_more();
    go_on_to(traffic_.posted());
  }

  /// Until so many samples were taken or, if `heed`, the peer has spoken; at least one.
  void measure(std::int64_t samples, std::int64_t per_sample, SampleStore& store, bool heed) {
    std::int64_t before = now_ns();
    std::int64_t target = traffic_.completed();
    for (std::int64_t i = 0; i < samples; ++i) {
      if (heed && i > 0 && link_.control().has_message()) return;
      target += per_sample;
      go_on_to(target);
      const std::int64_t after = now_ns();
      store.add(after - before);
      before = after;
    }
  }

  /// Keeps the queues full until the peer says something.
  void go_on_until_message() {
    while (!link_.control().has_message())
      go_on_to(traffic_.completed() + traffic_.group());
  }

  /// Receives only, until the peer says something.
  void attend() {
    // Looking for a message is a system call: not at every empty poll.
    const int each = link_.settings().completion == Completion::events ? 1 : 1024;
    int idle = 0;
    while (traffic_.reap() || ++idle % each != 0 || !link_.control().has_message()) {
    }
  }

  /// Lets everything arrive, on both sides.
  void finish() {
    traffic_.drain();
    link_.control().send({{"sent", traffic_.posted()}});
    if (receives(link_.settings().operation)) {
      attend();
      const auto sent = order("sent").at("sent").get<std::int64_t>();
      // Both counts begin with the connection, so that nothing can be counted twice.
      while (traffic_.received() < sent)
        (void)traffic_.reap();
    } else {
      (void)order("sent");
    }
  }

  /// The next message, which must have this key.
  json order(const char* key) {
    json message = link_.control().receive(patience(link_.settings()));
    if (!message.contains(key))
      throw Error("the peer is at another step: use the same version on both sides");
    return message;
  }

 private:
  void go_on_to(std::int64_t completed) {
    while (traffic_.completed() < completed) {
      traffic_.post_more();
      (void)traffic_.reap();
    }
  }

  Connected& link_;
  Traffic& traffic_;
};

/// A block of the client's: samples into the store, or none.
void lead_block(Connected& link, Traffic& traffic, std::int64_t samples, std::int64_t per_sample,
                SampleStore& store) {
  link.control().send({{"go", samples}, {"per_sample", per_sample}});
  Block block(link, traffic);
  block.fill();
  block.measure(samples, per_sample, store, false);
  if (link.settings().bidirectional) {
    link.control().send({{"enough", true}});
    block.go_on_until_message();
    (void)block.order("stopped");
  }
  block.finish();
}

void follow_block(Connected& link, Traffic& traffic, const json& order, SampleStore* store) {
  Block block(link, traffic);
  if (store != nullptr) {
    block.fill();
    block.measure(order.at("go"), order.at("per_sample"), *store, true);
    block.go_on_until_message();
    (void)block.order("enough");
    link.control().send({{"stopped", true}});
  }
  block.finish();
}

/// How long a message takes, from a first stream that is not recorded.
double warm_up(Connected& link, Traffic& traffic, std::int64_t messages) {
  SampleStore store(1);
  const std::int64_t count = std::max(messages, traffic.window());
  lead_block(link, traffic, 1, count, store);
  return static_cast<double>(store.values().front()) / static_cast<double>(count);
}

}  // namespace

Measured lead_bandwidth(Connected& link, Traffic& traffic, const Plan& plan, Recorder& recorder,
                        Bytes size) {
  const StoppingRule rule = rule_for(plan, Mode::bandwidth, size);
  recorder.clear();
  const double message_ns = warm_up(link, traffic, warmup_for(plan, Mode::bandwidth, size));
  Measured measured;
  // With fewer messages than are on their way a sample could begin and end within one burst of
  // completions, and would be no measure of anything.
  measured.per_sample = std::max(
      plan.batch > 0 ? plan.batch : automatic_batch(rule.budget, message_ns), traffic.window());
  const double each_ns = message_ns * static_cast<double>(measured.per_sample);
  link.control().send({{"begin", true}});
  const std::int64_t start = now_ns();
  for (;;) {
    measured.spent = Nanoseconds{now_ns() - start};
    const Step step = next_step(recorder, rule, measured.spent, each_ns);
    measured.stopped = step.stopped;
    if (step.stopped != Stopped::not_yet) break;
    lead_block(link, traffic, step.samples, measured.per_sample, recorder.store());
  }
  link.control().send({{"stop", plan.samples}});
  if (link.settings().bidirectional)
    measured.server = link.control().receive(link.settings().deadline).at("measured");
  return measured;
}

void follow_bandwidth(Connected& link, Traffic& traffic, Recorder& recorder, Bytes size) {
  const bool sends = link.settings().bidirectional;
  std::int64_t per_sample = 1;
  for (;;) {
    const json order = link.control().receive(patience(link.settings()));
    if (order.contains("begin")) {
      recorder.clear();  // what came before was the warm-up
    } else if (order.contains("go")) {
      recorder.settle();
      per_sample = order.at("per_sample");
      follow_block(link, traffic, order, sends ? &recorder.store() : nullptr);
    } else {
      recorder.settle();
      if (sends)
        link.control().send(
            {{"measured", stream_json(recorder, size, per_sample, order.at("stop"))}});
      return;
    }
  }
}

nlohmann::json stream_json(const Recorder& recorder, Bytes size, std::int64_t per_sample,
                           std::size_t samples) {
  const auto summary = recorder.summary();
  if (!summary) return nullptr;
  const auto messages = static_cast<double>(per_sample);
  json entry = samples_json(recorder, samples);
  entry["summary"] = to_json(*summary);
  entry["bandwidth"] =
      to_json(rate_figure(*summary, messages * static_cast<double>(size.count), 1e-6), "MB/s");
  entry["message_rate"] = to_json(rate_figure(*summary, messages, 1), "1/s");
  return entry;
}

}  // namespace migbench::verbs
