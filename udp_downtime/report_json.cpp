#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/histogram.hpp"
#include "udp_downtime/report.hpp"
#include "udp_downtime/timeline.hpp"

namespace migbench::udp {
namespace {

using nlohmann::json;

constexpr std::size_t kMostStalls = 100;
constexpr std::size_t kMostOutages = 1000;

json quantiles(const Histogram& values) {
  if (values.count() == 0) return nullptr;
  json made = {{"n", values.count()}, {"min", values.minimum()}, {"max", values.maximum()}};
  for (const auto& [key, p] : {std::pair{"p50", 0.5}, std::pair{"p90", 0.9}, std::pair{"p99", 0.99},
                               std::pair{"p999", 0.999}})
    made[key] = static_cast<std::int64_t>(values.quantile(p));
  return made;
}

json round_trips(Trace trace) {
  Histogram trips;
  for (const PacketTimes& packet : trace) {
    if (packet.answered()) trips.add(packet.round_trip_ns());
  }
  return quantiles(trips);
}

json to_json(const Estimates& estimates) {
  return {{"lost_interval", udp::to_json(estimates.lost_interval)},
          {"lost_run", udp::to_json(estimates.lost_run)},
          {"service_gap", udp::to_json(estimates.service_gap)},
          {"pause", udp::to_json(estimates.pause)}};
}

json to_json(const Outage& outage) {
  json downtime = udp::to_json(outage.downtime.estimate);
  downtime["estimator"] = outage.downtime.estimator;
  return {{"start_ns", outage.start_ns},
          {"end_ns", outage.end_ns},
          {"kind", name(outage.kind)},
          {"open_start", outage.open_start},
          {"open_end", outage.open_end},
          {"downtime", std::move(downtime)},
          {"estimators", to_json(outage.estimates)},
          {"lost", outage.lost},
          {"duplicates", outage.duplicates},
          {"reordered", outage.reordered},
          {"baseline_rtt_ns", outage.baseline_rtt_ns},
          {"sender_longest_gap_ns", outage.sender.longest_ns},
          {"sender_skipped", outage.sender.skipped},
          {"suspect", outage.suspect}};
}

/// The longest ones, in the order of time.
std::vector<SenderStall> longest_stalls(std::vector<SenderStall> stalls) {
  const auto length = [](const SenderStall& stall) { return stall.end_ns - stall.start_ns; };
  if (stalls.size() > kMostStalls) {
    std::stable_sort(stalls.begin(), stalls.end(), [&](const SenderStall& a, const SenderStall& b) {
      return length(a) > length(b);
    });
    stalls.resize(kMostStalls);
    std::sort(stalls.begin(), stalls.end(),
              [](const SenderStall& a, const SenderStall& b) { return a.start_ns < b.start_ns; });
  }
  return stalls;
}

json sender_json(const ProbeRun& run, const Analysis& analysis) {
  Histogram late;
  for (const PacketTimes& packet : run.trace())
    late.add(packet.late_ns);
  json stalls = json::array();
  for (const SenderStall& stall : longest_stalls(analysis.stalls))
    stalls.push_back({{"start_ns", stall.start_ns}, {"end_ns", stall.end_ns}});
  return {{"realtime", run.sender.realtime}, {"memory_locked", run.memory_locked},
          {"lateness_ns", quantiles(late)},  {"skipped", run.sender.skipped},
          {"refused", run.sender.refused},   {"stall_count", analysis.stalls.size()},
          {"stalls", std::move(stalls)}};
}

json receiver_json(const ProbeRun& run) {
  return {{"realtime", run.receiver.realtime},     {"kernel_stamps", run.kernel_stamps},
          {"buffer_bytes", run.receive_buffer},    {"unstamped", run.receiver.unstamped},
          {"overflowed", run.receiver.overflowed}, {"stamp_error_ns", run.wall.bound_ns},
          {"wall_clock_step_ns", run.wall_step_ns}};
}

json timeline_json(const ProbeRun& run, const Analysis& analysis) {
  const auto or_null = [](const std::optional<std::int64_t>& value) {
    return value ? json(*value) : json(nullptr);
  };
  json points = json::array();
  for (const TimelinePoint& point : timeline(run.trace(), analysis.outages))
    points.push_back({{"t_ns", point.time_ns},
                      {"sent", point.sent},
                      {"lost", point.lost},
                      {"rtt_min_ns", or_null(point.shortest_rtt_ns)},
                      {"rtt_max_ns", or_null(point.longest_rtt_ns)}});
  return points;
}

// The one figure for those who want one: the longest outage, or that there was none.
json downtime_json(const Analysis& analysis, const AnalysisOptions& options) {
  if (const Outage* longest = longest_outage(analysis)) {
    json downtime = to_json(*longest).at("downtime");
    downtime["kind"] = name(longest->kind);
    return downtime;
  }
  return {{"value_ns", 0},
          {"low_ns", 0},
          {"high_ns", options.threshold_ns},
          {"estimator", "none"},
          {"kind", nullptr}};
}

}  // namespace

json to_json(const Estimate& estimate) {
  return {{"value_ns", estimate.value_ns},
          {"low_ns", estimate.low_ns},
          {"high_ns", estimate.high_ns ? json(*estimate.high_ns) : json(nullptr)}};
}

void add_run(json& document, const ProbeRun& run, const ProbeOptions& options,
             const Analysis& analysis, const AnalysisOptions& analysis_options) {
  json outages = json::array();
  for (const Outage& outage : analysis.outages) {
    if (outages.size() == kMostOutages) break;
    outages.push_back(to_json(outage));
  }
  document["options"] = {
      {"server", options.server.text()},
      {"interval_ns", options.interval.count()},
      {"duration_ns", options.duration ? json(options.duration->count()) : json(nullptr)},
      {"threshold_ns", analysis_options.threshold_ns},
      {"drain_ns", options.drain.count()},
      {"timeout_ns", options.timeout.count()}};
  document["session"] = fmt::format("{:016x}", run.session);
  document["timeline_clock"] = "CLOCK_MONOTONIC";
  document["start_ns"] = run.start_ns;
  document["end_ns"] = run.end_ns;
  document["interval_ns"] = options.interval.count();
  document["sent"] = run.sent;
  document["received"] = run.answered;
  document["lost"] = analysis.lost;
  document["duplicates"] = analysis.duplicates;
  document["reordered"] = analysis.reordered;
  document["late"] = run.receiver.late;
  document["foreign"] = run.receiver.foreign;
  document["malformed"] = run.receiver.malformed;
  document["rtt_ns"] = round_trips(run.trace());
  document["downtime"] = downtime_json(analysis, analysis_options);
  document["estimators"] = to_json(analysis.estimates);
  document["outage_count"] = analysis.outages.size();
  document["outages"] = std::move(outages);
  document["sender"] = sender_json(run, analysis);
  document["receiver"] = receiver_json(run);
  document["timeline"] = timeline_json(run, analysis);
  document["suspect"] = suspicions(run, analysis, analysis_options);
  document["suspect_run"] = run_suspicions(run);
  document["notes"] = notes(run);
}

void write_raw(const std::filesystem::path& path, Trace trace) {
  const auto fresh = std::filesystem::path(path.string() + ".new");
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(fresh.c_str(), "we"),
                                                       &std::fclose);
  if (!file) throw system_error(fmt::format("cannot write {}", path.string()));
  std::fputs("sequence,sent_ns,received_ns,late_ns,skipped,copies\n", file.get());
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const PacketTimes& packet = trace[i];
    const std::string received = packet.answered() ? fmt::to_string(packet.received_ns) : "";
    fmt::print(file.get(), "{},{},{},{},{},{}\n", i, packet.sent_ns, received, packet.late_ns,
               packet.skipped, packet.copies);
  }
  if (std::fflush(file.get()) != 0 || std::ferror(file.get()) != 0)
    throw system_error(fmt::format("cannot write {}", path.string()), "is the disk full?");
  std::filesystem::rename(fresh, path);
}

}  // namespace migbench::udp
