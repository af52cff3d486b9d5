#include "bench/table.hpp"

#include <algorithm>
#include <stdexcept>

namespace migbench {
namespace {

std::size_t width(const std::string& text) {
  // Every byte that does not continue a UTF-8 sequence starts a code point.
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

bool is_number(const std::string& text) {
  return !text.empty() &&
         (text.find_first_of("0123456789") == 0 ||
          (text.size() > 1 && (text[0] == '-' || text[0] == '+' || text[0] == '.') &&
           text.find_first_of("0123456789") == 1));
}

std::string padded(const std::string& text, std::size_t columns, bool right) {
  const std::string space(columns - std::min(columns, width(text)), ' ');
  return right ? space + text : text + space;
}

}  // namespace

Table::Table(std::vector<std::string> header) : header_(std::move(header)) {}

void Table::add(std::vector<std::string> row) {
  if (row.size() > header_.size())
    throw std::logic_error("a table row has more cells than the header");
  row.resize(header_.size());
  rows_.push_back(std::move(row));
}

std::string Table::text() const {
  std::string out;
  std::vector<std::size_t> widths;
  std::vector<bool> right;
  for (std::size_t c = 0; c < header_.size(); ++c) {
    std::size_t widest = width(header_[c]);
    bool numbers = !rows_.empty();
    for (const auto& row : rows_) {
      widest = std::max(widest, width(row[c]));
      numbers = numbers && (row[c].empty() || row[c] == "-" || is_number(row[c]));
    }
    widths.push_back(widest);
    right.push_back(numbers);
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string built;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (c > 0) built += "  ";
      built += padded(cells[c], widths[c], right[c]);
    }
    built.erase(built.find_last_not_of(' ') + 1);
    out += built + "\n";
  };
  line(header_);
  for (const auto& row : rows_)
    line(row);
  return out;
}

std::string Table::markdown() const {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string built = "|";
    for (const std::string& cell : cells) {
      built += ' ';
      for (const char c : cell) {
        if (c == '|') built += '\\';
        built += c;
      }
      built += " |";
    }
    return built + "\n";
  };
  std::string out = line(header_) + "|";
  for (std::size_t c = 0; c < header_.size(); ++c)
    out += "---|";
  out += "\n";
  for (const auto& row : rows_)
    out += line(row);
  return out;
}

}  // namespace migbench
