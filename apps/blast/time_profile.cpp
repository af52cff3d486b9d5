#include "apps/blast/time_profile.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

namespace migbench::blast {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::optional<double> number(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || !std::isfinite(value)) return {};
  return value;
}

std::vector<std::string_view> split_at_commas(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at <= line.size();) {
    const auto comma = std::min(line.find(',', at), line.size());
    words.push_back(trimmed(line.substr(at, comma - at)));
    at = comma + 1;
  }
  return words;
}

/// Null where the line is no row of these columns.
nlohmann::json read_row(std::string_view line, const std::vector<std::string>& columns) {
  const auto words = split_at_commas(line);
  if (words.size() != columns.size() + 1) return nullptr;
  nlohmann::json row;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const auto value = number(words[at]);
    if (!value) return nullptr;
    row[at == 0 ? "group" : columns[at - 1]] = *value;
  }
  return row;
}

}  // namespace

nlohmann::json read_time_profile(const std::string& text) {
  constexpr std::string_view kGroups = "group profile:";
  nlohmann::json profile{
      {"seconds", nlohmann::json::object()}, {"groups", nlohmann::json::array()}, {"text", text}};
  std::vector<std::string> columns;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(kGroups, 0) == 0) {
      columns.clear();
      for (const auto name : split_at_commas(std::string_view(line).substr(kGroups.size())))
        columns.emplace_back(name);
      continue;
    }
    if (auto row = read_row(line, columns); !row.is_null() && !columns.empty()) {
      profile["groups"].push_back(std::move(row));
      continue;
    }
    const auto colon = line.rfind(':');
    if (colon == std::string::npos) continue;
    const auto name = trimmed(std::string_view(line).substr(0, colon));
    const auto value = number(trimmed(std::string_view(line).substr(colon + 1)));
    if (value && !name.empty()) profile["seconds"][std::string(name)] = *value;
  }
  return profile;
}

}  // namespace migbench::blast
