#include "bench/figure.hpp"

#include <algorithm>

namespace migbench {
namespace {

using nlohmann::json;

double rate(double amount, double duration_ns, double scale) {
  return duration_ns > 0 ? amount * 1e9 * scale / duration_ns : 0;
}

json interval_json(const std::optional<Interval>& interval) {
  return interval ? json{interval->low, interval->high} : json();
}

}  // namespace

Figure scaled_figure(const Summary& durations, double scale) {
  Figure figure{durations.median * scale, std::nullopt, durations.mean * scale};
  if (durations.interval)
    figure.interval = Interval{durations.interval->low * scale, durations.interval->high * scale};
  return figure;
}

Figure rate_figure(const Summary& durations, double amount, double scale) {
  Figure figure{rate(amount, durations.median, scale), std::nullopt,
                rate(amount, durations.mean, scale)};
  if (durations.interval) {
    figure.interval = Interval{rate(amount, durations.interval->high, scale),
                               rate(amount, durations.interval->low, scale)};
  }
  return figure;
}

std::vector<std::int64_t> thin(std::span<const std::int64_t> samples, std::size_t most) {
  const std::size_t kept = std::min(most, samples.size());
  std::vector<std::int64_t> chosen;
  chosen.reserve(kept);
  for (std::size_t i = 0; i < kept; ++i)
    chosen.push_back(samples[i * samples.size() / kept]);
  return chosen;
}

nlohmann::json to_json(const Summary& summary) {
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

nlohmann::json to_json(const Figure& figure, const char* unit) {
  return {{"unit", unit},
          {"median", figure.median},
          {"interval", interval_json(figure.interval)},
          {"mean", figure.mean}};
}

nlohmann::json samples_json(const Recorder& recorder, std::size_t most) {
  if (recorder.histogram())
    return {{"histogram", recorder.histogram()->to_json()}, {"summary_of", "histogram"}};
  const auto kept = thin(recorder.raw(), most);
  return {{"samples_taken", recorder.count()},
          {"samples_kept", kept.size()},
          {"summary_of", "all samples taken"},
          {"samples", kept}};
}

}  // namespace migbench
