// Figures of a report as SVG.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace migbench {

/// One figure of make_figures(), with its labels in the drawing, so that they stay with it wherever
/// it is copied.
[[nodiscard]] std::string draw_figure(const nlohmann::json& figure);

}  // namespace migbench
