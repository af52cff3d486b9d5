// What the probe tells: one JSON document, a table, and every packet on demand.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "udp_downtime/analysis.hpp"
#include "udp_downtime/probe.hpp"

namespace migbench::udp {

/// Why the run as a whole should not be believed; empty: it may be.
[[nodiscard]] std::vector<std::string> suspicions(const ProbeRun& run, const Analysis& analysis,
                                                  const AnalysisOptions& options);

/// Those of them that no single outage or stall is the reason of.
[[nodiscard]] std::vector<std::string> run_suspicions(const ProbeRun& run);

/// What did not spoil the run, but may spoil another: rights that were missing.
[[nodiscard]] std::vector<std::string> notes(const ProbeRun& run);

/// {"value_ns", "low_ns", "high_ns"}, high_ns null where there is only a lower bound.
[[nodiscard]] nlohmann::json to_json(const Estimate& estimate);

/// Adds the run's part to a driver_document(): docs/downtime.md lists the keys.
void add_run(nlohmann::json& document, const ProbeRun& run, const ProbeOptions& options,
             const Analysis& analysis, const AnalysisOptions& analysis_options);

/// The summary and the outages, for a terminal.
[[nodiscard]] std::string text_report(const ProbeRun& run, const Analysis& analysis,
                                      const AnalysisOptions& options);

/// Every packet as a line of CSV: sequence,sent_ns,received_ns,late_ns,skipped,copies; received_ns
/// is empty where no reply came. Throws Error.
void write_raw(const std::filesystem::path& path, Trace trace);

}  // namespace migbench::udp
