// Tables for papers: booktabs, one float a table, the labels in every caption.
#include "harness/report/latex.hpp"
#include "harness/report/layout.hpp"
#include "harness/report/report.hpp"

namespace migbench {
namespace {

constexpr std::size_t kTextWidth = 110;

std::string cells_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells)
    line += (line.empty() ? "" : " & ") + (cell.empty() ? "{}" : cell);
  return line + " \\\\\n";
}

std::string table_latex(const TableView& view) {
  std::string caption = latex::escaped(view.title);
  if (!view.caption.empty()) caption += " [" + latex::escaped(view.caption) + "]";
  for (const std::string& note : view.notes)
    caption += ". " + latex::escaped(note);
  std::string out = "\\begin{table}\n\\centering\n\\caption{" + caption + "}\n\\begin{tabular}{" +
                    std::string(view.header.size(), 'l') + "}\n\\toprule\n";
  std::vector<std::string> header;
  for (const std::string& name : view.header)
    header.push_back(latex::escaped(name));
  out += cells_line(header) + "\\midrule\n";
  for (const auto& row : view.rows) {
    std::vector<std::string> cells;
    for (const Text& cell : row) {
      const bool strong = cell.tone == Tone::good || cell.tone == Tone::bad;
      cells.push_back(strong ? "\\textbf{" + latex::escaped(cell.text) + "}"
                             : latex::escaped(cell.text));
    }
    out += cells_line(cells);
  }
  return out + "\\bottomrule\n\\end{tabular}\n\\end{table}\n";
}

class LatexFormat final : public ReportFormat {
 public:
  [[nodiscard]] std::string_view name() const override { return "latex"; }
  [[nodiscard]] std::string_view summary() const override {
    return "tables for papers, with \\usepackage{booktabs}";
  }
  [[nodiscard]] std::string_view file_name() const override { return "report.tex"; }

 protected:
  [[nodiscard]] std::string draw(const nlohmann::json& report,
                                 const RenderOptions& /*options*/) const override {
    std::string out = "% Needs \\usepackage{booktabs}.\n";
    for (const Text& line : head_lines(report))
      out += "% " + line.text + "\n";
    for (const TableView& view : layout(report, kTextWidth))
      out += "\n" + table_latex(view);
    return out;
  }
};

MIGBENCH_REGISTER(ReportFormat, LatexFormat);

}  // namespace
}  // namespace migbench
