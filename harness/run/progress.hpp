// What the user sees while a run runs: one line that is redrawn on a terminal, a line a trial
// elsewhere. It goes to standard error, so that standard output is the result only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "harness/run/record.hpp"

namespace migbench {

/// Where a run stands.
struct Standing {
  std::size_t done = 0;                    ///< trials with a record
  std::size_t open_cells = 0;              ///< cells that will get further trials
  std::optional<Nanoseconds> remaining{};  ///< an estimate from the trials so far
};

class Progress {
 public:
  enum class Style { none, lines, redrawn };
  /// Redrawn where standard error is a terminal.
  static Style fitting_style();

  explicit Progress(Style style) : style_(style) {}
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  Progress(Progress&&) = delete;
  Progress& operator=(Progress&&) = delete;

  void note(const std::string& text);
  void begin(const Cell& cell, int trial, const Standing& standing);
  void end(const Record& record, const Standing& standing);

 private:
  void draw(const std::string& line);
  void print_line(const std::string& line);
  Style style_;
  bool drawn_ = false;
};

}  // namespace migbench
