// One file that needs nothing else: tables and drawings, for a browser or an attachment.
#include "harness/report/draw.hpp"
#include "harness/report/layout.hpp"
#include "harness/report/report.hpp"
#include "harness/report/svg.hpp"

namespace migbench {
namespace {

using nlohmann::json;
constexpr std::size_t kAnyWidth = 160;
constexpr std::string_view kStyle = R"(
body { font: 15px/1.45 sans-serif; color: #222; background: #fff; max-width: 1100px; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em } h2 { font-size: 1.1em; margin: 2em 0 .3em }
ul.head, ul.notes { padding-left: 1.2em; margin: .4em 0 } ul.notes { color: #555; font-size: .88em }
.label { color: #a05a00; font-size: .9em; margin: 0 0 .3em }
.scroll { overflow-x: auto } svg { max-width: 100%; height: auto; display: block; margin: 1.2em 0 }
table { border-collapse: collapse; font-size: .9em; font-variant-numeric: tabular-nums }
th { text-align: left; border-bottom: 2px solid #444; padding: .25em .8em .25em 0; font-weight: 600 }
td { border-bottom: 1px solid #ddd; padding: .2em .8em .2em 0; white-space: nowrap }
td:last-child { white-space: normal }
.good { color: #00704f; font-weight: 600 } .bad { color: #b03a00; font-weight: 600 }
.equal { color: #00558a } .unsure { color: #8a6100 }
)";

std::string_view class_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "good";
    case Tone::bad:
      return "bad";
    case Tone::equal:
      return "equal";
    case Tone::unsure:
      return "unsure";
    case Tone::plain:
      break;
  }
  return "plain";
}

std::string element(const std::string& name, const Text& text) {
  const std::string attribute =
      text.tone == Tone::plain ? "" : " class=\"" + std::string(class_of(text.tone)) + "\"";
  return "<" + name + attribute + ">" + svg::escaped(text.text) + "</" + name + ">";
}

std::string table_html(const TableView& view) {
  std::string out = "<h2>" + svg::escaped(view.title) + "</h2>\n";
  if (!view.caption.empty()) out += "<p class=\"label\">[" + svg::escaped(view.caption) + "]</p>\n";
  out += "<div class=\"scroll\"><table>\n<tr>";
  for (const std::string& name : view.header)
    out += element("th", {name});
  out += "</tr>\n";
  for (const auto& row : view.rows) {
    out += "<tr>";
    for (const Text& cell : row)
      out += element("td", cell);
    out += "</tr>\n";
  }
  out += "</table></div>\n";
  if (view.notes.empty()) return out;
  out += "<ul class=\"notes\">\n";
  for (const std::string& note : view.notes)
    out += "<li>" + svg::escaped(note) + "</li>\n";
  return out + "</ul>\n";
}

class HtmlFormat final : public ReportFormat {
 public:
  [[nodiscard]] std::string_view name() const override { return "html"; }
  [[nodiscard]] std::string_view summary() const override {
    return "one page with tables and figures, needs nothing else";
  }
  [[nodiscard]] std::string_view file_name() const override { return "report.html"; }

 protected:
  [[nodiscard]] std::string draw(const json& report,
                                 const RenderOptions& /*options*/) const override {
    const std::string title = "migbench: " + report.at("run").at("name").get<std::string>();
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
        svg::escaped(title) + "</title>\n<style>" + std::string(kStyle) +
        "</style></head><body>\n<h1>" + svg::escaped(title) + "</h1>\n<ul class=\"head\">\n";
    for (const Text& line : head_lines(report))
      out += element("li", line) + "\n";
    out += "</ul>\n";
    for (const TableView& view : layout(report, kAnyWidth))
      out += table_html(view);
    if (!report.at("figures").empty()) out += "<h2>Figures</h2>\n";
    for (const json& figure : report.at("figures"))
      out += draw_figure(figure);
    return out + "</body></html>\n";
  }
};

MIGBENCH_REGISTER(ReportFormat, HtmlFormat);

}  // namespace
}  // namespace migbench
