// What the two ping-pong workloads have in common: the program's options and its document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/workload/workload.hpp"

namespace migbench {

/// Whether migbench-pingpong and mpirun are there.
[[nodiscard]] Support check_pingpong();

/// "sizes", "budget", "precision", "timing", "calls", "samples", "transport", "instances" and
/// "mca", with defaults that fit a launch of two to three seconds.
[[nodiscard]] nlohmann::json pingpong_defaults(std::string_view sizes, std::string_view calls);

/// The job of two ranks for `mode`, "latency" or "bandwidth". Throws InputError for a bad
/// parameter.
[[nodiscard]] Job pingpong_job(std::string_view mode, const nlohmann::json& parameters);

/// One metric a size that the parameters ask for: the median under `name` ("latency", "bandwidth")
/// in the document's results. Throws Error where a size is missing or the document is not one.
[[nodiscard]] std::vector<Metric> pingpong_metrics(const nlohmann::json& parameters,
                                                   const Finished& finished,
                                                   const std::string& name, Better better);

/// For Workload::document.
[[nodiscard]] nlohmann::json pingpong_document(const Finished& finished);

}  // namespace migbench
