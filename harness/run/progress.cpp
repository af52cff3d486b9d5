#include "harness/run/progress.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace migbench {
namespace {

/// "2 min 10 s", "45 s": an estimate needs no more.
std::string rough(Nanoseconds duration) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(duration).count();
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60 / 10 * 10);
  return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

std::string standing_text(const Standing& standing) {
  auto text = fmt::format("{} trials done, {} cells open", standing.done, standing.open_cells);
  if (standing.remaining) text += ", about " + rough(*standing.remaining) + " left";
  return text;
}

/// A reason may hold a program's whole output; the record keeps it, a progress line has no room.
std::string on_one_line(std::string text) {
  constexpr std::size_t kMost = 200;
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.size() > kMost ? text.substr(0, kMost) + "..." : text;
}

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10 ? size.ws_col : 80;
}

}  // namespace

Progress::Style Progress::fitting_style() {
  return ::isatty(STDERR_FILENO) == 1 ? Style::redrawn : Style::lines;
}

Progress::~Progress() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::draw(const std::string& line) {
  // A line longer than the terminal would wrap and could not be drawn over.
  fmt::print(stderr, "\r\x1b[K{}", line.substr(0, terminal_width() - 1));
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::print_line(const std::string& line) {
  if (style_ == Style::none) return;
  fmt::print(stderr, "{}{}\n", drawn_ ? "\r\x1b[K" : "", line);
  drawn_ = false;
}

void Progress::note(const std::string& text) {
  print_line(text);
}

void Progress::begin(const Cell& cell, int trial, const Standing& standing) {
  if (style_ == Style::redrawn)
    draw(fmt::format("{}; now {} #{}", standing_text(standing), cell.id, trial));
}

void Progress::end(const Record& record, const Standing& standing) {
  const auto line =
      fmt::format("{} #{}: {} ({:.1f} s){}{}", record.cell.id, record.trial, name(record.outcome),
                  record.elapsed_s, record.reason.empty() ? "" : ": ", on_one_line(record.reason));
  // On a terminal the good ones need no line of their own; what went wrong stays to be read.
  if (style_ == Style::lines) print_line(line + "; " + standing_text(standing));
  if (style_ == Style::redrawn && record.outcome != Outcome::ok) print_line(line);
}

}  // namespace migbench
