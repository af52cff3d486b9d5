// For people at a terminal, and for logs.
#include <algorithm>

#include "harness/report/layout.hpp"
#include "harness/report/report.hpp"

namespace migbench {
namespace {

std::string_view colour_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "\x1b[32m";
    case Tone::bad:
      return "\x1b[31m";
    case Tone::equal:
      return "\x1b[36m";
    case Tone::unsure:
      return "\x1b[33m";
    case Tone::plain:
      break;
  }
  return "";
}

class Painter {
 public:
  explicit Painter(bool colours) : colours_(colours) {}
  [[nodiscard]] std::string tone(const std::string& text, Tone tone) const {
    if (!colours_ || tone == Tone::plain || text.empty()) return text;
    return std::string(colour_of(tone)) + text + "\x1b[0m";
  }
  [[nodiscard]] std::string bold(const std::string& text) const {
    return colours_ ? "\x1b[1m" + text + "\x1b[0m" : text;
  }
  [[nodiscard]] std::string dim(const std::string& text) const {
    return colours_ ? "\x1b[2m" + text + "\x1b[0m" : text;
  }

 private:
  bool colours_;
};

/// Breaks at blanks; lines after the first are indented by `indent`.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (column > indent && column + 1 + text_width(word) > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!out.empty()) {
      out += ' ';
      ++column;
    }
    out += word;
    column += text_width(word);
    at = end + 1;
  }
  return out;
}

std::vector<std::size_t> widths_of(const TableView& table) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < table.header.size(); ++c) {
    std::size_t widest = text_width(table.header[c]);
    for (const auto& row : table.rows)
      widest = std::max(widest, text_width(row[c].text));
    widths.push_back(widest);
  }
  return widths;
}

bool is_number_column(const TableView& table, std::size_t c) {
  return std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) {
    const std::string& text = row[c].text;
    return text.empty() || text == "-" || text.find_first_of("-0123456789") == 0;
  });
}

std::string table_text(const TableView& table, const Painter& paint, std::size_t width) {
  std::string out = paint.bold(wrapped(table.title, width, 2)) + "\n";
  if (!table.caption.empty())
    out += "  " + paint.tone("[" + table.caption + "]", Tone::unsure) + "\n";
  const auto widths = widths_of(table);
  const auto line = [&](const std::vector<Text>& cells, bool header) {
    std::string built = " ";
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::size_t missing = widths[c] - text_width(cells[c].text);
      const std::string painted =
          header ? paint.dim(cells[c].text) : paint.tone(cells[c].text, cells[c].tone);
      built += c == 0 ? " " : "  ";
      built += is_number_column(table, c) ? std::string(missing, ' ') + painted
                                          : painted + std::string(missing, ' ');
    }
    built.erase(built.find_last_not_of(' ') + 1);
    return built + "\n";
  };
  std::vector<Text> header;
  for (const std::string& name : table.header)
    header.push_back({name});
  out += line(header, true);
  for (const auto& row : table.rows)
    out += line(row, false);
  for (const std::string& note : table.notes)
    out += "  " + wrapped("* " + note, width - 2, 4) + "\n";
  return out;
}

class TerminalFormat final : public ReportFormat {
 public:
  [[nodiscard]] std::string_view name() const override { return "terminal"; }
  [[nodiscard]] std::string_view summary() const override { return "tables for a terminal"; }
  [[nodiscard]] std::string_view file_name() const override { return "report.txt"; }

 protected:
  [[nodiscard]] std::string draw(const nlohmann::json& report,
                                 const RenderOptions& options) const override {
    const Painter paint(options.colours);
    constexpr std::size_t kNarrowest = 60;
    const std::size_t width = std::max(options.width, kNarrowest);
    std::string out;
    for (const Text& line : head_lines(report))
      out += paint.tone(wrapped(line.text, width, 2), line.tone) + "\n";
    for (const TableView& table : layout(report, width - 2))
      out += "\n" + table_text(table, paint, width);
    return out;
  }
};

MIGBENCH_REGISTER(ReportFormat, TerminalFormat);

}  // namespace
}  // namespace migbench
