#include "pingpong/result.hpp"

namespace migbench::pingpong {
namespace {

using nlohmann::json;

int messages_of_iteration(const Options& options) {
  if (options.mode == Mode::latency) return 2;
  return options.bidirectional ? 2 * options.window : options.window;
}

}  // namespace

Figure latency(const Result& result) {
  return scaled_figure(result.summary, 0.5e-3 / static_cast<double>(result.per_sample));
}

double bytes_of_sample(const Options& options, const Result& result) {
  return static_cast<double>(result.size.count) * messages_of_iteration(options) *
         static_cast<double>(result.per_sample);
}

Figure bandwidth(const Options& options, const Result& result) {
  return rate_figure(result.summary, bytes_of_sample(options, result), 1e-6);
}

Figure message_rate(const Options& options, const Result& result) {
  const double messages =
      static_cast<double>(messages_of_iteration(options)) * static_cast<double>(result.per_sample);
  return rate_figure(result.summary, messages, 1);
}

json to_json(const Options& options, const Result& result) {
  json entry = {
      {"pair", {result.pair.first, result.pair.second}},
      {"size", result.size.count},
      {"quantity", options.mode == Mode::latency ? "round-trip" : "window"},
      {"unit", "ns"},
      {"iterations_per_sample", result.per_sample},
      {"messages_per_iteration", messages_of_iteration(options)},
      {"iterations", static_cast<std::int64_t>(result.summary.n) * result.per_sample},
      {"summary", to_json(result.summary)},
      {"stopped", options.iterations ? "iterations" : std::string(name(result.stopped))},
      {"spent_ns", result.spent.count()},
      {"clock_cost_ns", result.clock_cost_ns},
      // The pass runs before the measurement, and a size that fails it has no result.
      {"validated", options.validate > 0},
  };
  entry.update(result.raw);
  if (options.mode == Mode::latency) {
    entry["latency"] = to_json(latency(result), "us");
  } else {
    entry["bandwidth"] = to_json(bandwidth(options, result), "MB/s");
    entry["message_rate"] = to_json(message_rate(options, result), "1/s");
  }
  return entry;
}

}  // namespace migbench::pingpong
