#include "udp_downtime/report.hpp"

#include <cstring>

#include <fmt/format.h>

#include "bench/histogram.hpp"
#include "bench/table.hpp"

namespace migbench::udp {
namespace {

std::string in_words(const Estimate& estimate) {
  const auto text = [](std::int64_t ns) { return format_duration(Nanoseconds{ns}); };
  if (!estimate.high_ns) return fmt::format("at least {}", text(estimate.low_ns));
  return fmt::format("{} [{}, {}]", text(estimate.value_ns), text(estimate.low_ns),
                     text(*estimate.high_ns));
}

std::string summary_lines(const ProbeRun& run, const Analysis& analysis) {
  Histogram trips;
  for (const PacketTimes& packet : run.trace()) {
    if (packet.answered()) trips.add(packet.round_trip_ns());
  }
  const auto trip = [&](double p) {
    return format_duration(Nanoseconds{static_cast<std::int64_t>(trips.quantile(p))});
  };
  std::string text = fmt::format(
      "{} sent, {} answered, {} lost; {} duplicates, {} reordered, {} late, {} foreign, {} "
      "malformed\n",
      run.sent, run.answered, analysis.lost, analysis.duplicates, analysis.reordered,
      run.receiver.late, run.receiver.foreign, run.receiver.malformed);
  if (trips.count() > 0)
    text += fmt::format("round trip: median {}, p99 {}, longest {}\n", trip(0.5), trip(0.99),
                        format_duration(Nanoseconds{trips.maximum()}));
  return text;
}

}  // namespace

std::string text_report(const ProbeRun& run, const Analysis& analysis,
                        const AnalysisOptions& options) {
  std::string text = summary_lines(run, analysis) + "\n";
  Table whole({"estimator", "whole run"});
  whole.add({"lost x interval", in_words(analysis.estimates.lost_interval)});
  whole.add({"longest lost run", in_words(analysis.estimates.lost_run)});
  whole.add({"service gap", in_words(analysis.estimates.service_gap)});
  whole.add({"pause", in_words(analysis.estimates.pause)});
  text += whole.text() + "\n";
  const std::string threshold = format_duration(Nanoseconds{options.threshold_ns});
  if (analysis.outages.empty()) {
    text += fmt::format("no outage of {} or more\n", threshold);
  } else {
    Table table({"outage", "kind", "downtime", "lost x interval", "lost run", "service gap",
                 "pause", "suspect"});
    for (const Outage& outage : analysis.outages) {
      table.add({fmt::format("{:.6f} s", static_cast<double>(outage.start_ns - run.start_ns) / 1e9),
                 std::string(name(outage.kind)), in_words(outage.downtime.estimate),
                 in_words(outage.estimates.lost_interval), in_words(outage.estimates.lost_run),
                 in_words(outage.estimates.service_gap), in_words(outage.estimates.pause),
                 outage.suspect.empty() ? "" : "yes"});
    }
    text += table.text();
  }
  for (const std::string& reason : suspicions(run, analysis, options))
    text += "suspect: " + reason + "\n";
  for (const std::string& note : notes(run))
    text += "note: " + note + "\n";
  return text;
}

std::vector<std::string> suspicions(const ProbeRun& run, const Analysis& analysis,
                                    const AnalysisOptions& options) {
  std::vector<std::string> reasons;
  for (const Outage& outage : analysis.outages) {
    const std::string where = fmt::format(
        "outage at {:.3f} s: ", static_cast<double>(outage.start_ns - run.start_ns) / 1e9);
    for (const std::string& reason : outage.suspect)
      reasons.push_back(where + reason);
  }
  for (const SenderStall& stall : analysis.stalls) {
    if (stall.end_ns - stall.start_ns >= options.threshold_ns)
      reasons.push_back(
          fmt::format("the sender stalled at {:.3f} s for {}: an outage in that time was not seen",
                      static_cast<double>(stall.start_ns - run.start_ns) / 1e9,
                      format_duration(Nanoseconds{stall.end_ns - stall.start_ns})));
  }
  const std::vector<std::string> all = run_suspicions(run);
  reasons.insert(reasons.end(), all.begin(), all.end());
  return reasons;
}

std::vector<std::string> run_suspicions(const ProbeRun& run) {
  std::vector<std::string> reasons;
  if (run.sent == 0) reasons.emplace_back("nothing was sent");
  if (run.sent > 0 && run.answered == 0)
    reasons.emplace_back(
        "nothing was answered: does the echo server run at this address and port?");
  if (run.wall_step_ns != 0)
    reasons.push_back(
        fmt::format("the wall clock was stepped by {}: receive times after it are off",
                    format_duration(Nanoseconds{run.wall_step_ns})));
  if (run.receiver.overflowed > 0)
    reasons.push_back(
        fmt::format("{} replies were dropped at the probe's own socket", run.receiver.overflowed));
  if (run.receiver.unstamped > run.answered / 100)
    reasons.push_back(
        fmt::format("{} replies came without a kernel stamp", run.receiver.unstamped));
  if (run.sender.refused > 0)
    reasons.push_back(fmt::format("the kernel refused {} packets ({})", run.sender.refused,
                                  std::strerror(run.sender.last_errno)));
  if (run.sender.trace_full) reasons.emplace_back("the trace was full before the run's end");
  return reasons;
}

std::vector<std::string> notes(const ProbeRun& run) {
  std::vector<std::string> list;
  if (!run.sender.realtime)
    list.emplace_back("no SCHED_FIFO: on a loaded machine the sender stalls; give it CAP_SYS_NICE");
  if (!run.memory_locked)
    list.emplace_back("memory is not locked; give it CAP_IPC_LOCK or raise 'ulimit -l'");
  // The kernel doubles what it is asked for.
  if (run.receive_buffer < 2 * kSocketBuffer)
    list.push_back(
        fmt::format("the receive buffer is only {}; give it CAP_NET_ADMIN or raise "
                    "net.core.rmem_max",
                    format_bytes(Bytes{static_cast<std::uint64_t>(run.receive_buffer)})));
  if (!run.kernel_stamps) list.emplace_back("the kernel does not stamp packets");
  return list;
}

}  // namespace migbench::udp
