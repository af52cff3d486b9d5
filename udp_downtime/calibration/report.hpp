#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "udp_downtime/calibration/calibrate.hpp"

namespace migbench::udp {

/// Adds {"calibration": {"interval_ns", "seed", "method", "bound_ns", "within_bounds", "rows":
/// [...], "injections": [...]}} to a driver_document(): docs/downtime.md lists the keys.
void add_calibration(nlohmann::json& document, const Calibration& calibration);

/// Bias and spread as a table, and the verdict.
[[nodiscard]] std::string text_report(const Calibration& calibration);

}  // namespace migbench::udp
