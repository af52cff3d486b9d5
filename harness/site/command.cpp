#include "harness/site/command.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace migbench {
namespace {

/// Characters that no POSIX shell gives a meaning of its own.
bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:=,+@%^").find(c) != std::string_view::npos;
}

std::string quote(const std::string& word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

/// mpirun frames its own words with lines of dashes. That some rank failed, which it says there,
/// tells less than what the rank said; its words are left out where a rank said anything but where
/// it runs.
std::string without_frames(std::string_view text) {
  constexpr std::size_t kShortestFrame = 40;
  constexpr std::string_view kEvidence = "migbench-pin: {";
  std::string rest;
  bool framed = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    const bool frame = line.size() > kShortestFrame &&
                       line.substr(0, line.size() - 1).find_first_not_of('-') == line.npos;
    if (frame) framed = !framed;
    if (!frame && !framed && line.rfind(kEvidence, 0) != 0) rest += line;
  }
  return rest;
}

/// The last lines of what a program said, short enough for a message.
std::string last_lines(std::string_view text) {
  constexpr std::size_t kMost = 400;
  const std::string rest = without_frames(text);
  if (rest.find_first_not_of(" \n") != std::string::npos) text = rest;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  if (text.size() > kMost) {
    text.remove_prefix(text.size() - kMost);
    if (const auto line = text.find('\n'); line != std::string_view::npos)
      text.remove_prefix(line + 1);
  }
  return std::string(text);
}

}  // namespace

std::string shell_quote(const Command& command) {
  std::string text;
  if (!command.directory.empty()) text += "cd " + quote(command.directory.string()) + " && ";
  for (const auto& [name, value] : command.env)
    text += name + "=" + quote(value) + " ";
  for (std::size_t i = 0; i < command.argv.size(); ++i)
    text += (i == 0 ? "" : " ") + quote(command.argv[i]);
  return text;
}

std::string describe(const Finished& finished) {
  constexpr std::size_t kMostCommand = 300;
  std::string command = shell_quote(finished.command);
  if (command.size() > kMostCommand) command = command.substr(0, kMostCommand) + "...";
  const std::string said = last_lines(finished.err.empty() ? finished.out : finished.err);
  return fmt::format("{}: {} after {}{}{}", command,
                     finished.timed_out ? "killed at its deadline"
                     : finished.status > 128
                         ? fmt::format("ended by signal {}", finished.status - 128)
                         : fmt::format("exit status {}", finished.status),
                     format_duration(finished.elapsed), said.empty() ? "" : ": ", said);
}

}  // namespace migbench
