// What all drawings share: the frame, the head with labels and legend, ranges.
#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/report/svg.hpp"

namespace migbench::draw {

inline constexpr double kWidth = 860;
inline constexpr double kLeft = 80, kRight = 20, kTop = 64, kBottom = 56;
inline constexpr std::string_view kGrid = "stroke=\"#ddd\"";
inline constexpr std::string_view kFrame = "stroke=\"#444\"";
inline constexpr std::string_view kFaint = "fill=\"#555\"";

struct Range {
  double least = INFINITY;
  double most = -INFINITY;
  void include(const nlohmann::json& value);  ///< anything but a number is passed over
  void widen(double share);
};

/// Draws title, labels and legend, which may take several lines; gives where the plot may begin.
[[nodiscard]] double head(svg::Drawing& drawing, const nlohmann::json& figure,
                          const std::vector<std::string>& legend);
[[nodiscard]] std::vector<std::string> names_of(const nlohmann::json& series);
void y_axis(svg::Drawing& drawing, const svg::Axis& y, const std::string& name, double top,
            double bottom);
/// Grid and numbers of a horizontal axis.
void x_grid(svg::Drawing& drawing, const svg::Axis& x, double top, double bottom);

/// One a kind of figure, see make_figures().
[[nodiscard]] std::string lines(const nlohmann::json& figure);
[[nodiscard]] std::string strips(const nlohmann::json& figure);
[[nodiscard]] std::string bars(const nlohmann::json& figure);
[[nodiscard]] std::string timeline(const nlohmann::json& figure);

}  // namespace migbench::draw
