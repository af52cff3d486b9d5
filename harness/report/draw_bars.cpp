// Downtimes by estimator. The bars lie, since the names of cells are long.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/report/draw_parts.hpp"
#include "harness/report/numbers.hpp"

namespace migbench::draw {
namespace {

using nlohmann::json;
using svg::Axis;
using svg::Drawing;
using Anchor = svg::Drawing::Anchor;

}  // namespace

std::string bars(const json& figure) {
  const auto bars = static_cast<double>(figure.at("series").size());
  const auto rows = static_cast<double>(figure.at("categories").size());
  constexpr double kBar = 12, kGap = 26;
  const double slot = bars * kBar + kGap;
  const double height = 90 + rows * slot + kBottom;
  Drawing drawing(kWidth, height, figure.at("title").get<std::string>());
  const double top = head(drawing, figure, names_of(figure.at("series")));
  Range xs;
  xs.include(0.0);
  for (const json& series : figure.at("series")) {
    for (const json& point : series.at("points")) {
      for (const char* key : {"y", "low", "high"})
        xs.include(point.at(key));
    }
  }
  const double bottom = top + rows * slot;
  const Axis x(xs.least, xs.most * 1.03, kLeft, kWidth - kRight, false);
  x_grid(drawing, x, top, bottom);
  drawing.line(kLeft, top, kLeft, bottom, kFrame);
  for (std::size_t c = 0; c < figure.at("categories").size(); ++c) {
    drawing.text(kLeft + 4, top + static_cast<double>(c) * slot + 14,
                 figure.at("categories").at(c).get<std::string>());
  }
  for (std::size_t i = 0; i < figure.at("series").size(); ++i) {
    const json& series = figure.at("series").at(i);
    for (const json& point : series.at("points")) {
      const double y = top + point.at("category").get<double>() * slot + kGap - 6 +
                       static_cast<double>(i) * kBar;
      drawing.box(kLeft, y, x.at(point.at("y").get<double>()) - kLeft, kBar - 2,
                  fmt::format("fill=\"{}\"", svg::colour(i)),
                  series.at("name").get<std::string>() + ": " +
                      estimate_text(point.at("y"), point.at("low").is_null()
                                                       ? json()
                                                       : json{point.at("low"), point.at("high")}));
      if (point.at("low").is_null()) continue;
      drawing.line(x.at(point.at("low").get<double>()), y + kBar / 2 - 1,
                   x.at(point.at("high").get<double>()), y + kBar / 2 - 1,
                   "stroke=\"#000\" stroke-width=\"1.5\"");
    }
  }
  drawing.text((kLeft + kWidth - kRight) / 2, bottom + 36,
               figure.at("y").at("name").get<std::string>() + ", medians with 95 % intervals",
               Anchor::middle);
  return drawing.finish();
}

}  // namespace migbench::draw
