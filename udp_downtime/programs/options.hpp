// The options of migbench-udp-probe.
#pragma once

#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>

#include "udp_downtime/analysis.hpp"
#include "udp_downtime/calibration/calibrate.hpp"
#include "udp_downtime/probe.hpp"

namespace migbench::udp {

/// As they were typed; probe(), analysis() and calibration() read them and throw InputError.
struct ProgramOptions {
  std::string server;
  std::uint16_t port = kDefaultPort;
  std::string preset = "default";
  std::string interval;
  std::string duration;
  std::string threshold;
  std::string drain = "1s";
  std::string timeout = "60s";
  bool until_signal = false;
  bool until_input_closes = false;
  bool announce = false;
  bool clock = false;
  std::string json_file;  ///< "-": standard output; empty: none
  std::string raw_file;

  bool calibrate = false;
  std::string outages = "1ms,5ms,50ms,500ms";
  std::string kinds = "dropped,paused";
  std::size_t repetitions = 11;
  std::uint64_t seed = 0;

  [[nodiscard]] ProbeOptions probe() const;
  [[nodiscard]] AnalysisOptions analysis() const;
  [[nodiscard]] CalibrationPlan calibration() const;

 private:
  [[nodiscard]] Nanoseconds pace() const;
};

void define(CLI::App& app, ProgramOptions& options);

}  // namespace migbench::udp
