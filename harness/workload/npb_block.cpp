#include "harness/workload/npb_block.hpp"

#include <charconv>
#include <map>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

constexpr std::string_view kBegin = "Benchmark Completed";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

template <class Number>
Number number(const std::map<std::string, std::string, std::less<>>& lines, std::string_view name) {
  const auto line = lines.find(name);
  if (line == lines.end())
    throw Error(fmt::format("the benchmark's report has no line '{}'", name));
  Number value{};
  const std::string& text = line->second;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  // Fortran prints asterisks for a number that its field is too narrow for.
  if (failure != std::errc() || end != text.data() + text.size() || !(value >= 0))
    throw Error(fmt::format("the benchmark's report says '{} = {}', which is not a number of it",
                            name, text));
  return value;
}

/// "Name = value" lines from the block's beginning up to the compile options.
std::map<std::string, std::string, std::less<>> lines_of(std::string_view text) {
  std::map<std::string, std::string, std::less<>> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (trimmed(line).starts_with("Compile options")) break;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    lines.emplace(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
  }
  return lines;
}

std::string text_of(const std::map<std::string, std::string, std::less<>>& lines,
                    std::string_view name) {
  const auto line = lines.find(name);
  if (line == lines.end() || line->second.empty())
    throw Error(fmt::format("the benchmark's report has no line '{}'", name));
  return line->second;
}

}  // namespace

bool has_npb_block(std::string_view text) {
  return text.find(kBegin) != std::string_view::npos;
}

NpbBlock parse_npb_block(std::string_view text) {
  const auto begin = text.find(kBegin);
  if (begin == std::string_view::npos)
    throw Error(
        "the output has no report ('... Benchmark Completed'): did the benchmark end early?");
  if (text.find(kBegin, begin + 1) != std::string_view::npos)
    throw Error("the output has more than one report: which run is meant?");
  const auto line_start = text.rfind('\n', begin) + 1;  // npos + 1 is 0
  const auto lines = lines_of(text.substr(begin));

  NpbBlock block;
  block.kernel = trimmed(text.substr(line_start, begin - line_start));
  block.problem_class = text_of(lines, "Class");
  block.size = text_of(lines, "Size");
  block.iterations = number<int>(lines, "Iterations");
  block.seconds = number<double>(lines, "Time in seconds");
  block.mops = number<double>(lines, "Mop/s total");
  for (const auto* name : {"Total processes", "Total threads"})
    if (lines.contains(std::string_view(name))) {
      block.processes = number<int>(lines, name);
      block.threads = std::string_view(name) == "Total threads";
    }
  block.verified = text_of(lines, "Verification") == "SUCCESSFUL";
  if (const auto version = lines.find("Version"); version != lines.end())
    block.version = version->second;
  return block;
}

nlohmann::json npb_block_document(const NpbBlock& block) {
  nlohmann::json document = {{"program", "npb-original"},      {"kernel", block.kernel},
                             {"class", block.problem_class},   {"size", block.size},
                             {"iterations", block.iterations}, {"seconds", block.seconds},
                             {"seconds_resolution", 0.01},     {"mops", block.mops},
                             {"verified", block.verified},     {"version", block.version}};
  if (block.processes) document[block.threads ? "threads" : "processes"] = *block.processes;
  return document;
}

}  // namespace migbench
