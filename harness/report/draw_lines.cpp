// A metric over a size or a parameter, with intervals.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/report/draw_parts.hpp"
#include "harness/report/layout.hpp"
#include "harness/report/numbers.hpp"

namespace migbench::draw {
namespace {

using nlohmann::json;
using svg::Axis;
using svg::Drawing;
using Anchor = svg::Drawing::Anchor;

bool is_log(const json& axis) {
  return axis.at("scale") == "log";
}

/// Values at zero stand a little left of the smallest other one on a logarithmic axis.
double on_log(double value, double least_positive) {
  return value > 0 ? value : least_positive / 2;
}

void interval_bar(Drawing& drawing, const Axis& y, double x, const json& point,
                  const std::string& stroke) {
  if (!point.at("low").is_number()) return;
  const double low = y.at(point.at("low").get<double>());
  const double high = y.at(point.at("high").get<double>());
  drawing.line(x, low, x, high, stroke);
  drawing.line(x - 3, low, x + 3, low, stroke);
  drawing.line(x - 3, high, x + 3, high, stroke);
}

}  // namespace

std::string lines(const json& figure) {
  constexpr double kHeight = 400;
  const double bottom = kHeight - kBottom;
  Drawing drawing(kWidth, kHeight, figure.at("title").get<std::string>());
  const double top = head(drawing, figure, names_of(figure.at("series")));
  Range xs, ys;
  double least_x = INFINITY;
  for (const json& series : figure.at("series")) {
    for (const json& point : series.at("points")) {
      const double x = point.at("x").get<double>();
      xs.include(x);
      if (x > 0) least_x = std::min(least_x, x);
      for (const char* key : {"y", "low", "high"})
        ys.include(point.at(key));
    }
  }
  const bool log_x = is_log(figure.at("x"));
  const bool log_y = is_log(figure.at("y")) && ys.least > 0;
  const Axis x(log_x ? on_log(xs.least, least_x) : xs.least, xs.most, kLeft + 12,
               kWidth - kRight - 12, log_x);
  const Axis y(log_y ? ys.least / 1.1 : std::min(0.0, ys.least),
               log_y ? ys.most * 1.1 : ys.most * 1.05, bottom, top, log_y);
  y_axis(drawing, y, figure.at("y").at("name"), top, bottom);
  double last_label = -INFINITY;
  for (std::size_t i = 0; i < figure.at("series").size(); ++i) {
    const json& series = figure.at("series").at(i);
    const std::string stroke = fmt::format("stroke=\"{}\" stroke-width=\"1.5\"", svg::colour(i));
    std::vector<std::pair<double, double>> path;
    for (const json& point : series.at("points")) {
      const double at =
          x.at(log_x ? on_log(point.at("x").get<double>(), least_x) : point.at("x").get<double>());
      path.emplace_back(at, y.at(point.at("y").get<double>()));
      interval_bar(drawing, y, at, point, stroke);
      drawing.circle(at, path.back().second, 3, fmt::format("fill=\"{}\"", svg::colour(i)),
                     fmt::format("{} {}: {}", series.at("name").get<std::string>(),
                                 point.at("text").get<std::string>(), number_text(point.at("y"))));
      const auto label = point.at("text").get<std::string>();
      if (i == 0 && at - last_label > 9.0 * static_cast<double>(text_width(label))) {
        drawing.text(at, bottom + 17, label, Anchor::middle, kFaint);
        last_label = at;
      }
    }
    drawing.path(path, stroke);
  }
  drawing.text((kLeft + kWidth - kRight) / 2, kHeight - 12,
               figure.at("x").at("name").get<std::string>(), Anchor::middle);
  return drawing.finish();
}

}  // namespace migbench::draw
