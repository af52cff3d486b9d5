// The data of all figures as one tidy table: what gnuplot, R, pandas and pgfplots read.
#include "harness/report/csv.hpp"
#include "harness/report/numbers.hpp"
#include "harness/report/report.hpp"

namespace migbench {
namespace {

using nlohmann::json;

std::string field(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? "" : csv_field(*found);
}

std::string axis_name(const json& figure, const char* axis) {
  return figure.contains(axis) ? field(figure.at(axis), "name") : "";
}

/// x is a number, or the name of a category.
std::string x_of(const json& figure, const json& point) {
  if (point.contains("x")) return field(point, "x");
  return figure.at("categories").at(point.at("category").get<std::size_t>());
}

void add_points(std::string& out, const json& figure) {
  for (const json& series : figure.at("series")) {
    for (const json& point : series.at("points")) {
      out += csv_line({field(figure, "id"), field(figure, "kind"), field(series, "name"),
                       x_of(figure, point), field(point, "y"), field(point, "low"),
                       field(point, "high"), field(point, "trial"), field(point, "value"),
                       field(point, "outlier"), field(point, "suspect"), axis_name(figure, "x"),
                       axis_name(figure, "y"), labels_text(figure.at("labels"))});
    }
  }
}

/// A span stands from low to high; its y is how long it lasts.
void add_spans(std::string& out, const json& figure) {
  for (const json& span : figure.at("spans")) {
    const double start = span.at("start").get<double>();
    const double end = span.at("end").get<double>();
    out += csv_line({field(figure, "id"), field(figure, "kind"), field(span, "name"), "",
                     csv_field(end - start), field(span, "start"), field(span, "end"), "", "", "",
                     "", axis_name(figure, "x"), "ms", labels_text(figure.at("labels"))});
  }
}

class FiguresFormat final : public ReportFormat {
 public:
  [[nodiscard]] std::string_view name() const override { return "figures"; }
  [[nodiscard]] std::string_view summary() const override {
    return "the figures' data as one tidy CSV table";
  }
  [[nodiscard]] std::string_view file_name() const override { return "figures.csv"; }

 protected:
  [[nodiscard]] std::string draw(const json& report,
                                 const RenderOptions& /*options*/) const override {
    std::string out = csv_line({"figure", "kind", "series", "x", "y", "low", "high", "trial",
                                "value", "outlier", "suspect", "x_name", "y_name", "labels"});
    for (const json& figure : report.at("figures")) {
      if (figure.contains("spans")) {
        add_spans(out, figure);
      } else {
        add_points(out, figure);
      }
    }
    return out;
  }
};

MIGBENCH_REGISTER(ReportFormat, FiguresFormat);

}  // namespace
}  // namespace migbench
