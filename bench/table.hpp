// A plain text table: columns as wide as they must be, numbers to the right.
#pragma once

#include <string>
#include <vector>

namespace migbench {

class Table {
 public:
  explicit Table(std::vector<std::string> header);
  /// One cell a column; a shorter row is filled up with empty cells. Throws std::logic_error for a
  /// longer one.
  void add(std::vector<std::string> row);
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  /// Lines ended by '\n'. Width is counted in code points, so that "µs" takes two columns.
  [[nodiscard]] std::string text() const;
  /// The same as a Markdown table; '|' in a cell is escaped.
  [[nodiscard]] std::string markdown() const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace migbench
