#include "udp_downtime/programs/options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/version.hpp"
#include "udp_downtime/resolve.hpp"

namespace migbench::udp {
namespace {

using namespace std::chrono_literals;

constexpr const char* kExamples =
    "Examples:\n"
    "  migbench-udp-probe --server 10.0.0.7 --duration 10s\n"
    "  migbench-udp-probe --server 10.0.0.7 --preset paper --until-signal --json downtime.json\n"
    "  migbench-udp-probe --calibrate --outages 1ms,50ms --repetitions 21\n"
    "Exit status: 0 ok, 1 nothing was answered or the calibration failed, 2 bad input,\n"
    "3 calibration cannot run here, 130 interrupted (results are printed).";

Nanoseconds positive(const std::string& text, const char* option) {
  const Nanoseconds value = parse_duration(text);
  if (value <= 0ns) throw InputError(fmt::format("{} must be longer than 0", option));
  return value;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  while (from <= list.size()) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    parts.push_back(list.substr(from, comma - from));
    from = comma + 1;
  }
  return parts;
}

}  // namespace

Nanoseconds ProgramOptions::pace() const {
  if (!interval.empty()) return parse_duration(interval);
  return preset == "paper" ? kPaperInterval : kDefaultInterval;
}

ProbeOptions ProgramOptions::probe() const {
  if (server.empty()) throw InputError("--server is missing: where does migbench-udp-echo run?");
  if (announce && json_file == "-")
    throw InputError(
        "--announce and --json on standard output do not go together: give --json a "
        "file");
  ProbeOptions made;
  made.server = resolve(server, port);
  made.interval = pace();
  if (!duration.empty()) {
    made.duration = positive(duration, "--duration");
  } else if (!until_signal && !until_input_closes) {
    made.duration = 10s;
  }
  made.drain = parse_duration(drain);
  made.timeout = positive(timeout, "--timeout");
  return made;
}

AnalysisOptions ProgramOptions::analysis() const {
  AnalysisOptions made;
  made.interval_ns = pace().count();
  // Below 20 intervals the chance loss of a packet or two would look like a long outage.
  made.threshold_ns = threshold.empty() ? std::max<std::int64_t>(5'000'000, 20 * made.interval_ns)
                                        : positive(threshold, "--threshold").count();
  if (made.threshold_ns < 2 * made.interval_ns)
    throw InputError("--threshold must be at least two intervals: shorter outages cannot be seen");
  return made;
}

CalibrationPlan ProgramOptions::calibration() const {
  CalibrationPlan plan;
  plan.interval = pace();
  plan.repetitions = repetitions;
  plan.seed = seed;
  plan.lengths.clear();
  for (const std::string& part : split(outages))
    plan.lengths.push_back(positive(part, "--outages"));
  plan.kinds.clear();
  for (const std::string& part : split(kinds))
    plan.kinds.push_back(parse_kind(part));
  return plan;
}

void define(CLI::App& app, ProgramOptions& options) {
  app.set_version_flag("--version", version_line("migbench-udp-probe"));
  app.footer(kExamples);
  app.add_option("--server", options.server, "where the echo server runs: an address or a name");
  app.add_option("--port", options.port, "its port")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  app.add_option("--preset", options.preset, "paper: the study's interval of 500us; default: 100us")
      ->check(CLI::IsMember({"default", "paper"}))
      ->capture_default_str();
  app.add_option("--interval", options.interval, "between packets, 10us to 1s; overrides --preset");
  app.add_option("--duration", options.duration,
                 "how long to send [10s, where nothing else ends the run]");
  app.add_flag("--until-signal", options.until_signal,
               "send until SIGINT or SIGTERM, which then is a regular end with status 0");
  app.add_flag("--until-input-closes", options.until_input_closes,
               "send until standard input ends");
  app.add_option("--drain", options.drain, "how long to wait for replies after the last packet")
      ->capture_default_str();
  app.add_option("--timeout", options.timeout,
                 "a reply later than this counts as late and its packet as lost")
      ->capture_default_str();
  app.add_option("--threshold", options.threshold,
                 "outages from this length on get a row [the longer of 5ms and 20 intervals]");
  app.add_flag("--announce", options.announce, "print 'answering' once 100 packets were answered");
  app.add_flag("--clock", options.clock,
               "print the CLOCK_MONOTONIC in which this machine's times are, in ns, and end");
  app.add_option("--json", options.json_file,
                 "write the JSON document to FILE, or to standard "
                 "output in place of the table")
      ->expected(0, 1)
      ->default_str("-")
      ->type_name("[FILE|-]");
  app.add_option("--raw", options.raw_file, "write every packet's times to FILE as CSV")
      ->type_name("FILE");

  app.add_flag("--calibrate", options.calibrate,
               "inject outages of known length in private network namespaces, and tell how far "
               "each estimator is off (needs root)");
  app.add_option("--outages", options.outages, "calibration: lengths")->capture_default_str();
  app.add_option("--kinds", options.kinds, "calibration: dropped, paused, buffered")
      ->capture_default_str();
  app.add_option("--repetitions", options.repetitions,
                 "calibration: outages of each length and kind")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "calibration: of the order and the jitter; 0: a fresh one")
      ->capture_default_str();
}

}  // namespace migbench::udp
