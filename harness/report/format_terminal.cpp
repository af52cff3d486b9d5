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

 private:
  bool colours_;
};

/// Breaks at blanks; lines after the first are indented by `indent`, and the first begins in column
/// `start`.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent,
                    std::size_t start = 0) {
  std::string out;
  std::size_t column = start;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!out.empty() && column + 1 + text_width(word) > width) {
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

std::string line_text(const std::vector<Text>& cells, const std::vector<std::size_t>& widths,
                      const std::vector<bool>& right, const Painter* paint, std::size_t width) {
  std::string built = " ";
  std::size_t column = 1;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const std::size_t before = c == 0 ? 1 : 2;
    const std::size_t missing = widths[c] - text_width(cells[c].text);
    column += before;
    // A long last cell (a reason) goes on below itself.
    const bool breaks = c + 1 == cells.size() && !right[c] && column + 20 < width;
    const std::string text = breaks ? wrapped(cells[c].text, width, column, column) : cells[c].text;
    const std::string painted = paint ? paint->tone(text, cells[c].tone) : text;
    built += std::string(before, ' ');
    built += right[c] ? std::string(missing, ' ') + painted : painted + std::string(missing, ' ');
    column += widths[c];
  }
  built.erase(built.find_last_not_of(' ') + 1);
  return built + "\n";
}

std::string table_text(const TableView& table, const Painter& paint, std::size_t width) {
  std::string out = paint.bold(wrapped(table.title, width, 2)) + "\n";
  if (!table.caption.empty())
    out += "  " + paint.tone("[" + table.caption + "]", Tone::unsure) + "\n";
  const auto widths = widths_of(table);
  std::vector<bool> right;
  for (std::size_t c = 0; c < table.header.size(); ++c)
    right.push_back(is_number_column(table, c));
  std::vector<Text> header;
  for (const std::string& name : table.header)
    header.push_back({name});
  out += line_text(header, widths, right, nullptr, width);
  for (const auto& row : table.rows)
    out += line_text(row, widths, right, &paint, width);
  for (const std::string& note : table.notes)
    out += "  " + wrapped("* " + note, width, 4, 2) + "\n";
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
