// Every trial as a dot.
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

}  // namespace

std::string strips(const json& figure) {
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

}  // namespace migbench::draw
