// The little SVG (W3C, SVG 1.1) that figures are drawn with: no script, no font of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace migbench::svg {

/// & < > " made safe for text and attributes of SVG and HTML.
[[nodiscard]] std::string escaped(std::string_view text);

/// Told apart by people with any colour vision (Okabe and Ito 2008).
[[nodiscard]] std::string_view colour(std::size_t series);

/// From values to positions.
class Axis {
 public:
  /// `from` and `to` are positions; to may be below from (y grows downwards). Logarithmic axes
  /// need values above zero.
  Axis(double least, double most, double from, double to, bool logarithmic);
  [[nodiscard]] double at(double value) const;
  /// Round values: powers of ten (with 2 and 5 where few) or steps of 1, 2 or 5.
  [[nodiscard]] std::vector<double> ticks() const;
  [[nodiscard]] bool logarithmic() const noexcept { return logarithmic_; }
  [[nodiscard]] double least() const noexcept { return least_; }

 private:
  double least_, most_, from_, to_;
  bool logarithmic_;
};

/// One drawing; elements come in the order of the calls.
class Drawing {
 public:
  Drawing(double width, double height, const std::string& title);
  void line(double x1, double y1, double x2, double y2, std::string_view style);
  /// `hint` is shown when the pointer rests on it.
  void circle(double x, double y, double radius, std::string_view style, const std::string& hint);
  void box(double x, double y, double width, double height, std::string_view style,
           const std::string& hint);
  void path(const std::vector<std::pair<double, double>>& points, std::string_view style);
  enum class Anchor { start, middle, end };
  void text(double x, double y, const std::string& text, Anchor anchor = Anchor::start,
            std::string_view style = "");
  /// Turned by a quarter, reading upwards.
  void vertical_text(double x, double y, const std::string& text);
  [[nodiscard]] std::string finish() const;

 private:
  std::string body_;
};

}  // namespace migbench::svg
