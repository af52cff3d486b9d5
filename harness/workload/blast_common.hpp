// What the two BLAST workloads have in common: the data, the ranks, the document.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/workload/workload.hpp"

namespace migbench {

inline constexpr const char* kBlastProgram = "migbench-blast";

/// "data", "fragments", "ranks", "instances", "transport", "placement", "program".
[[nodiscard]] nlohmann::json blast_defaults(int ranks);

/// `migbench-blast SUBCOMMAND` on those parameters. Throws InputError for a bad one.
[[nodiscard]] Job blast_job(const char* subcommand, const nlohmann::json& parameters);

/// Search time and queries a second. Throws Error where a near homolog that was planted is missing:
/// an answer that is wrong is no measurement.
[[nodiscard]] std::vector<Metric> blast_metrics(const Finished& finished);

}  // namespace migbench
