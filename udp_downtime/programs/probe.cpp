// migbench-udp-probe: how long a service did not answer, seen from outside.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/clock.hpp"
#include "bench/document.hpp"
#include "bench/driver_document.hpp"
#include "bench/error.hpp"
#include "bench/program.hpp"
#include "bench/version.hpp"
#include "udp_downtime/calibration/report.hpp"
#include "udp_downtime/programs/options.hpp"
#include "udp_downtime/report.hpp"
#include "udp_downtime/stop_signals.hpp"

namespace {

using namespace migbench;
using namespace migbench::udp;
using namespace std::chrono_literals;

// Replies that make a baseline; then the harness may start to move the service.
constexpr std::uint64_t kAnswersToAnnounce = 100;

// Runs to the end of the duration, a signal or the end of standard input; true: a signal.
bool wait_for_end(const Probe& probe, StopSignals& signals, const ProgramOptions& options) {
  bool announced = !options.announce;
  while (!probe.sender_done()) {
    const Wake wake = signals.wait(10ms, options.until_input_closes);
    if (wake == Wake::signal) return true;
    if (wake == Wake::input_closed) return false;
    if (!announced && probe.answered() >= kAnswersToAnnounce) {
      fmt::print("answering\n");
      std::fflush(stdout);
      announced = true;
    }
  }
  return false;
}

int run(const ProgramOptions& options, const std::vector<std::string>& arguments) {
  StopSignals signals;
  const ProbeOptions probe_options = options.probe();
  AnalysisOptions analysis_options = options.analysis();
  Probe probe(probe_options);
  const bool signalled = wait_for_end(probe, signals, options);
  const ProbeRun run = probe.finish();
  analysis_options.stamp_error_ns = run.wall.bound_ns;
  const Analysis analysis = analyze(run.trace(), analysis_options);
  if (!options.raw_file.empty()) write_raw(options.raw_file, run.trace());
  if (options.json_file != "-") fmt::print("{}", text_report(run, analysis, analysis_options));
  if (!options.json_file.empty()) {
    nlohmann::json document = driver_document("migbench-udp-probe", arguments);
    add_run(document, run, probe_options, analysis, analysis_options);
    deliver_document(document, options.json_file);
  }
  if (run.answered == 0) return static_cast<int>(ExitCode::failed);
  return static_cast<int>(signalled && !options.until_signal ? ExitCode::interrupted
                                                             : ExitCode::ok);
}

int calibrate(const ProgramOptions& options, const std::vector<std::string>& arguments) {
  const CalibrationPlan plan = options.calibration();
  if (const Support missing = calibration_support()) {
    fmt::print(stderr, "migbench-udp-probe: {}; {}\n", missing->reason, missing->remedy);
    return static_cast<int>(ExitCode::nothing_could_run);
  }
  catch_interrupts();
  const Calibration calibration = run_calibration(plan);
  if (options.json_file != "-") fmt::print("{}", text_report(calibration));
  if (!options.json_file.empty()) {
    nlohmann::json document = driver_document("migbench-udp-probe", arguments);
    add_calibration(document, calibration);
    deliver_document(document, options.json_file);
  }
  return static_cast<int>(calibration.within_bounds() ? ExitCode::ok : ExitCode::failed);
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("migbench-udp-probe", [&] {
    ProgramOptions options;
    CLI::App app{"Measures how long an echo server (migbench-udp-echo) did not answer."};
    define(app, options);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return static_cast<int>(app.exit(error) == 0 ? ExitCode::ok : ExitCode::bad_input);
    }
    if (options.clock) {
      fmt::print("{}\n", deadline_now_ns());
      return static_cast<int>(ExitCode::ok);
    }
    const std::vector<std::string> arguments(argv, argv + argc);
    return options.calibrate ? calibrate(options, arguments) : run(options, arguments);
  });
}
