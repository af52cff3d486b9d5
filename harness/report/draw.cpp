#include "harness/report/draw.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/report/draw_parts.hpp"
#include "harness/report/layout.hpp"
#include "harness/report/numbers.hpp"

namespace migbench {
namespace draw {

using nlohmann::json;
using svg::Axis;
using svg::Drawing;
using Anchor = svg::Drawing::Anchor;

void Range::include(const json& value) {
  if (!value.is_number()) return;
  least = std::min(least, value.get<double>());
  most = std::max(most, value.get<double>());
}

void Range::widen(double share) {
  const double room = (most - least) * share;
  least -= room;
  most += room;
}

double head(Drawing& drawing, const json& figure, const std::vector<std::string>& legend) {
  drawing.text(kLeft, 20, figure.at("title").get<std::string>(), Anchor::start,
               "font-weight=\"bold\"");
  if (const std::string labels = labels_text(figure.at("labels")); !labels.empty())
    drawing.text(kLeft, 37, "[" + labels + "]", Anchor::start, "fill=\"#a05a00\"");
  double x = kLeft;
  double y = 55;
  for (std::size_t i = 0; i < legend.size(); ++i) {
    const double wide = 30 + 6.6 * static_cast<double>(text_width(legend[i]));
    if (x + wide > kWidth - kRight && x > kLeft) {
      x = kLeft;
      y += 17;
    }
    drawing.box(x, y - 9, 10, 10, fmt::format("fill=\"{}\"", svg::colour(i)), "");
    drawing.text(x + 15, y, legend[i]);
    x += wide;
  }
  return legend.empty() ? kTop - 14 : y + 14;
}

std::vector<std::string> names_of(const json& series) {
  std::vector<std::string> names;
  for (const json& one : series)
    names.push_back(one.at("name").get<std::string>());
  return names;
}

void y_axis(Drawing& drawing, const Axis& y, const std::string& name, double top, double bottom) {
  for (const double tick : y.ticks()) {
    drawing.line(kLeft, y.at(tick), kWidth - kRight, y.at(tick), kGrid);
    drawing.text(kLeft - 6, y.at(tick) + 4, fmt::format("{:.6g}", tick), Anchor::end, kFaint);
  }
  drawing.line(kLeft, top, kLeft, bottom, kFrame);
  drawing.line(kLeft, bottom, kWidth - kRight, bottom, kFrame);
  drawing.vertical_text(16, (top + bottom) / 2, name);
}

void x_grid(Drawing& drawing, const Axis& x, double top, double bottom) {
  for (const double tick : x.ticks()) {
    drawing.line(x.at(tick), top, x.at(tick), bottom, kGrid);
    drawing.text(x.at(tick), bottom + 16, fmt::format("{:.6g}", tick), Anchor::middle, kFaint);
  }
}

}  // namespace draw

std::string draw_figure(const nlohmann::json& figure) {
  const auto kind = figure.at("kind").get<std::string>();
  if (kind == "lines") return draw::lines(figure);
  if (kind == "strips") return draw::strips(figure);
  if (kind == "bars") return draw::bars(figure);
  return draw::timeline(figure);
}

}  // namespace migbench
