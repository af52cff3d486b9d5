#include "pingpong/result.hpp"

#include <algorithm>

namespace migbench::pingpong {
namespace {

using nlohmann::json;

int messages_of_iteration(const Options& options) {
  if (options.mode == Mode::latency) return 2;
  return options.bidirectional ? 2 * options.window : options.window;
}

/// `amount` in a sample of so many nanoseconds, as a rate a second times `scale`.
double rate(double amount, double sample_ns, double scale) {
  return sample_ns > 0 ? amount * 1e9 * scale / sample_ns : 0;
}

/// The slow end of the durations is the low end of the rates.
Figure rate_figure(const Summary& summary, double amount, double scale) {
  Figure figure{rate(amount, summary.median, scale), std::nullopt,
                rate(amount, summary.mean, scale)};
  if (summary.interval) {
    figure.interval = Interval{rate(amount, summary.interval->high, scale),
                               rate(amount, summary.interval->low, scale)};
  }
  return figure;
}

json interval_json(const std::optional<Interval>& interval) {
  return interval ? json{interval->low, interval->high} : json();
}

json to_json(const Figure& figure, const char* unit) {
  return {{"unit", unit},
          {"median", figure.median},
          {"interval", interval_json(figure.interval)},
          {"mean", figure.mean}};
}

}  // namespace

double latency_us(const Result& result, double sample_ns) {
  return sample_ns / static_cast<double>(2 * result.per_sample) / 1e3;
}

Figure latency(const Result& result) {
  const Summary& summary = result.summary;
  Figure figure{latency_us(result, summary.median), std::nullopt, latency_us(result, summary.mean)};
  if (summary.interval) {
    figure.interval = Interval{latency_us(result, summary.interval->low),
                               latency_us(result, summary.interval->high)};
  }
  return figure;
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

std::vector<std::int64_t> thin(std::span<const std::int64_t> samples, std::size_t most) {
  const std::size_t kept = std::min(most, samples.size());
  std::vector<std::int64_t> chosen;
  chosen.reserve(kept);
  for (std::size_t i = 0; i < kept; ++i)
    chosen.push_back(samples[i * samples.size() / kept]);
  return chosen;
}

json to_json(const Summary& summary) {
  return {{"n", summary.n},
          {"median", summary.median},
          {"interval", interval_json(summary.interval)},
          {"minimum", summary.minimum},
          {"maximum", summary.maximum},
          {"p01", summary.p01},
          {"p25", summary.p25},
          {"p75", summary.p75},
          {"p90", summary.p90},
          {"p99", summary.p99},
          {"p999", summary.p999},
          {"mean", summary.mean}};
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
