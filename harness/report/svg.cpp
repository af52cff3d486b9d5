#include "harness/report/svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace migbench::svg {
namespace {

constexpr std::array<std::string_view, 7> kColours{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                   "#E69F00", "#56B4E9", "#555555"};

std::string hint_element(const std::string& hint) {
  return hint.empty() ? "" : "<title>" + escaped(hint) + "</title>";
}

double round_step(double range) {
  constexpr double kTicks = 6;
  const double rough = range / kTicks;
  const double magnitude = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * magnitude >= rough) return factor * magnitude;
  }
  return 10 * magnitude;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string_view colour(std::size_t series) {
  return kColours.at(series % kColours.size());
}

Axis::Axis(double least, double most, double from, double to, bool logarithmic)
    : least_(least), most_(most), from_(from), to_(to), logarithmic_(logarithmic && least > 0) {
  // A single value gets room on both sides.
  if (!(most_ > least_)) {
    const double room = least_ == 0 ? 1 : std::abs(least_) / 2;
    least_ -= room;
    most_ += room;
  }
}

double Axis::at(double value) const {
  const double share = logarithmic_
                           ? std::log(std::max(value, least_) / least_) / std::log(most_ / least_)
                           : (value - least_) / (most_ - least_);
  return from_ + share * (to_ - from_);
}

std::vector<double> Axis::ticks() const {
  std::vector<double> list;
  if (!logarithmic_) {
    const double step = round_step(most_ - least_);
    for (double k = std::ceil(least_ / step); k * step <= most_ * (1 + 1e-12) + 1e-12 * step; ++k)
      list.push_back(k * step + 0.0);  // no -0
    return list;
  }
  const double decades = std::log10(most_ / least_);
  constexpr double kFewDecades = 3;
  for (double exponent = std::floor(std::log10(least_)); exponent <= std::log10(most_);
       ++exponent) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double tick = factor * std::pow(10, exponent);
      const bool wanted = factor == 1.0 || decades < kFewDecades;
      if (wanted && tick >= least_ * 0.999 && tick <= most_ * 1.001) list.push_back(tick);
    }
  }
  return list;
}

Drawing::Drawing(double width, double height, const std::string& title) {
  body_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">"
      "<title>{2}</title><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
      width, height, escaped(title));
}

void Drawing::line(double x1, double y1, double x2, double y2, std::string_view style) {
  body_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1,
                       y1, x2, y2, style);
}

void Drawing::circle(double x, double y, double radius, std::string_view style,
                     const std::string& hint) {
  body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" {}>{}</circle>\n", x, y,
                       radius, style, hint_element(hint));
}

void Drawing::box(double x, double y, double width, double height, std::string_view style,
                  const std::string& hint) {
  body_ += fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" {}>{}</rect>\n", x, y,
      std::max(width, 0.5), std::max(height, 0.5), style, hint_element(hint));
}

void Drawing::path(const std::vector<std::pair<double, double>>& points, std::string_view style) {
  std::string list;
  for (const auto& [x, y] : points)
    list += fmt::format("{:.1f},{:.1f} ", x, y);
  body_ += fmt::format("<polyline points=\"{}\" fill=\"none\" {}/>\n", list, style);
}

void Drawing::text(double x, double y, const std::string& text, Anchor anchor,
                   std::string_view style) {
  constexpr std::array<std::string_view, 3> kAnchors{"start", "middle", "end"};
  body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" {}>{}</text>\n", x, y,
                       kAnchors.at(static_cast<std::size_t>(anchor)), style, escaped(text));
}

void Drawing::vertical_text(double x, double y, const std::string& text) {
  body_ += fmt::format(
      "<text transform=\"translate({:.1f},{:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
      x, y, escaped(text));
}

std::string Drawing::finish() const {
  return body_ + "</svg>\n";
}

}  // namespace migbench::svg
