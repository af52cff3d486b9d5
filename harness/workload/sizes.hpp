// What workloads that measure over message sizes have in common: their parameters, and a metric for
// each size in the driver's document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/workload/workload.hpp"

namespace migbench {

/// The parameter "sizes" as a driver reads it: a text ("0,8..64KiB"), a number, or a list of both.
/// Throws InputError.
[[nodiscard]] std::string sizes_text(const nlohmann::json& parameters);

/// One metric a size that the parameters ask for: the median under `figure` ("latency",
/// "bandwidth") in the results of the program's document. Throws Error where a size is missing or
/// there is no such document.
[[nodiscard]] std::vector<Metric> metrics_by_size(std::string_view program,
                                                  const nlohmann::json& parameters,
                                                  const Finished& finished,
                                                  const std::string& figure, Better better);

}  // namespace migbench
