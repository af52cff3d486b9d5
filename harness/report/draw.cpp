#include "harness/report/draw.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/report/layout.hpp"
#include "harness/report/numbers.hpp"
#include "harness/report/svg.hpp"

namespace migbench {
namespace {

using nlohmann::json;
using svg::Axis;
using svg::Drawing;
using Anchor = svg::Drawing::Anchor;

constexpr double kWidth = 860;
constexpr double kLeft = 80, kRight = 20, kTop = 64, kBottom = 56;
constexpr std::string_view kGrid = "stroke=\"#ddd\"";
constexpr std::string_view kFrame = "stroke=\"#444\"";
constexpr std::string_view kFaint = "fill=\"#555\"";

struct Range {
  double least = INFINITY;
  double most = -INFINITY;
  void include(const json& value) {
    if (!value.is_number()) return;
    least = std::min(least, value.get<double>());
    most = std::max(most, value.get<double>());
  }
  void widen(double share) {
    const double room = (most - least) * share;
    least -= room;
    most += room;
  }
};

bool is_log(const json& axis) {
  return axis.at("scale") == "log";
}

/// Title, labels and the legend, which may take several lines; gives the space that it took.
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

std::string draw_lines(const json& figure) {
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

/// The middle of a category's stretch of the axis, and how wide it is.
struct Slots {
  std::size_t count;
  [[nodiscard]] double width() const {
    return (kWidth - kRight - kLeft) / static_cast<double>(std::max<std::size_t>(count, 1));
  }
  [[nodiscard]] double left(std::size_t i) const {
    return kLeft + width() * static_cast<double>(i);
  }
};

/// Names below the axis; where they have no room, on two levels.
void category_names(Drawing& drawing, const json& categories, const Slots& slots, double bottom) {
  bool crowded = false;
  for (const json& name : categories)
    crowded = crowded || 7.0 * static_cast<double>(text_width(name)) > slots.width();
  for (std::size_t i = 0; i < categories.size(); ++i) {
    const double shift = crowded && i % 2 == 1 ? 15 : 0;
    drawing.text(slots.left(i) + slots.width() / 2, bottom + 17 + shift,
                 categories.at(i).get<std::string>(), Anchor::middle, kFaint);
  }
}

std::string draw_strips(const json& figure) {
  constexpr double kHeight = 340;
  const double bottom = kHeight - kBottom;
  Drawing drawing(kWidth, kHeight, figure.at("title").get<std::string>());
  const double top = head(drawing, figure, names_of(figure.at("series")));
  Range ys;
  ys.include(0.0);
  for (const json& series : figure.at("series")) {
    for (const json& point : series.at("points"))
      ys.include(point.at("y"));
  }
  ys.widen(0.05);
  const Axis y(ys.least, ys.most, bottom, top, false);
  y_axis(drawing, y, figure.at("y").at("name"), top, bottom);
  const Slots slots{figure.at("categories").size()};
  const auto lanes = static_cast<double>(figure.at("series").size());
  for (std::size_t i = 0; i < figure.at("series").size(); ++i) {
    const json& series = figure.at("series").at(i);
    for (const json& point : series.at("points")) {
      // Side by side in the order of the trials, so that drift is seen as well.
      const double lane = slots.width() * 0.8 / lanes;
      const auto trial = point.at("trial").get<double>();
      const double x = slots.left(point.at("category").get<std::size_t>()) + slots.width() * 0.1 +
                       lane * (static_cast<double>(i) + 0.2 + 0.6 * (1 - 1 / (1 + trial / 8)));
      const bool outlier = point.at("outlier").get<bool>();
      const bool suspect = point.at("suspect").get<bool>();
      drawing.circle(
          x, y.at(point.at("y").get<double>()), outlier ? 4.5 : 3,
          fmt::format("fill=\"{}\" fill-opacity=\"{}\" stroke=\"{}\"",
                      suspect ? "none" : svg::colour(i), 0.6, outlier ? "#000" : svg::colour(i)),
          fmt::format("{}, trial {}: {}{}{}", series.at("name").get<std::string>(),
                      point.at("trial").dump(), number_text(point.at("value")),
                      outlier ? ", outlier" : "", suspect ? ", suspect" : ""));
    }
  }
  category_names(drawing, figure.at("categories"), slots, bottom);
  drawing.text(
      kLeft, kHeight - 8,
      "one dot a launch, in the order of the trials; ringed black: outlier, hollow: suspect",
      Anchor::start, kFaint);
  return drawing.finish();
}

std::string draw_bars(const json& figure) {
  // Horizontal: the names of cells are long.
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
  for (const double tick : x.ticks()) {
    drawing.line(x.at(tick), top, x.at(tick), bottom, kGrid);
    drawing.text(x.at(tick), bottom + 16, fmt::format("{:.6g}", tick), Anchor::middle, kFaint);
  }
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

std::string draw_timeline(const json& figure) {
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
  for (const double tick : x.ticks()) {
    drawing.line(x.at(tick), top, x.at(tick), bottom, kGrid);
    drawing.text(x.at(tick), bottom + 16, fmt::format("{:.6g}", tick), Anchor::middle, kFaint);
  }
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

}  // namespace

std::string draw_figure(const json& figure) {
  const auto kind = figure.at("kind").get<std::string>();
  if (kind == "lines") return draw_lines(figure);
  if (kind == "strips") return draw_strips(figure);
  if (kind == "bars") return draw_bars(figure);
  return draw_timeline(figure);
}

}  // namespace migbench
