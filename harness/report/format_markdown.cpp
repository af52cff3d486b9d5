// For issues, wikis and pull requests.
#include "bench/table.hpp"
#include "harness/report/layout.hpp"
#include "harness/report/report.hpp"

namespace migbench {
namespace {

constexpr std::size_t kUnlimited = 160;

class MarkdownFormat final : public ReportFormat {
 public:
  [[nodiscard]] std::string_view name() const override { return "markdown"; }
  [[nodiscard]] std::string_view summary() const override { return "tables in Markdown"; }
  [[nodiscard]] std::string_view file_name() const override { return "report.md"; }

 protected:
  [[nodiscard]] std::string draw(const nlohmann::json& report,
                                 const RenderOptions& /*options*/) const override {
    std::string out = "# migbench report\n\n";
    for (const Text& line : head_lines(report))
      out += "- " + line.text + "\n";
    for (const TableView& view : layout(report, kUnlimited)) {
      out += "\n## " + view.title + "\n\n";
      if (!view.caption.empty()) out += "*" + view.caption + "*\n\n";
      Table table(view.header);
      for (const auto& row : view.rows) {
        std::vector<std::string> cells;
        for (const Text& cell : row)
          cells.push_back(cell.tone == Tone::good || cell.tone == Tone::bad
                              ? "**" + cell.text + "**"
                              : cell.text);
        table.add(cells);
      }
      out += table.markdown();
      if (!view.notes.empty()) out += "\n";
      for (const std::string& note : view.notes)
        out += "- " + note + "\n";
    }
    return out;
  }
};

MIGBENCH_REGISTER(ReportFormat, MarkdownFormat);

}  // namespace
}  // namespace migbench
