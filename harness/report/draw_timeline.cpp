// The phases of one move, with the outage that the probe saw laid over them.
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

std::string timeline(const json& figure) {
  constexpr double kLane = 24, kNames = 130;
  const json& spans = figure.at("spans");
  const double height = 70 + static_cast<double>(spans.size()) * kLane + kBottom;
  Drawing drawing(kWidth, height, figure.at("title").get<std::string>());
  const double top = head(drawing, figure, {});
  const double bottom = top + static_cast<double>(spans.size()) * kLane;
  Range xs;
  xs.include(0.0);
  for (const json& span : spans) {
    xs.include(span.at("start"));
    xs.include(span.at("end"));
  }
  const Axis x(xs.least, xs.most, kNames, kWidth - kRight - 60, false);
  x_grid(drawing, x, top, bottom);
  double y = top;
  for (const json& span : spans) {
    const double from = x.at(span.at("start").get<double>());
    const double to = x.at(span.at("end").get<double>());
    const double lasts = span.at("end").get<double>() - span.at("start").get<double>();
    const bool outage = span.at("outage").get<bool>();
    const auto name = span.at("name").get<std::string>();
    // The outage is laid over all phases.
    if (outage)
      drawing.box(from, top, to - from, bottom - top, "fill=\"#D55E00\" fill-opacity=\"0.12\"", "");
    drawing.box(from, y + 4, to - from, kLane - 8,
                fmt::format("fill=\"{}\"", outage ? "#D55E00" : "#0072B2"),
                fmt::format("{}: {} ms", name, number_text(lasts)));
    drawing.text(kNames - 8, y + 16, name, Anchor::end);
    drawing.text(to + 4, y + 16, number_text(lasts), Anchor::start, kFaint);
    y += kLane;
  }
  drawing.text((kNames + kWidth - kRight) / 2, bottom + 36,
               figure.at("x").at("name").get<std::string>(), Anchor::middle);
  return drawing.finish();
}

}  // namespace migbench::draw
