#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fnmatch.h>

#include "bench/error.hpp"
#include "harness/plan/expand.hpp"
#include "harness/plan/suggest.hpp"

namespace migbench {
namespace {

std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// A cell seen as keys and texts.
CellFilter keys_of(const Cell& cell) {
  CellFilter keys;
  const auto settings = cell.settings();
  for (const auto& [key, value] : settings.items())
    keys[key] = text_of(value);
  keys["environment"] = cell.environment;
  keys["workload"] = cell.workload;
  keys["technique"] = cell.technique.value_or("none");
  keys["experiment"] = cell.experiment;
  keys["control"] = cell.control ? "true" : "false";
  keys["id"] = cell.id;
  return keys;
}

}  // namespace

CellFilter parse_filter(const std::string& text) {
  CellFilter filter;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const auto item = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    const auto equals = item.find('=');
    if (equals == std::string_view::npos || equals == 0)
      throw InputError(
          fmt::format("'{}' in the filter '{}' must be KEY=PATTERN, for example "
                      "workload=mpi-*",
                      item, text));
    filter[std::string(item.substr(0, equals))] = item.substr(equals + 1);
  }
  if (filter.empty()) throw InputError("an empty filter selects nothing");
  return filter;
}

bool matches(const CellFilter& filter, const Cell& cell) {
  const auto keys = keys_of(cell);
  return std::all_of(filter.begin(), filter.end(), [&](const auto& wanted) {
    const auto found = keys.find(wanted.first);
    return found != keys.end() && ::fnmatch(wanted.second.c_str(), found->second.c_str(), 0) == 0;
  });
}

std::vector<Cell> select(const std::vector<Cell>& cells, const std::vector<std::string>& filters) {
  if (filters.empty()) return cells;
  std::vector<CellFilter> parsed;
  for (const auto& text : filters) {
    parsed.push_back(parse_filter(text));
    if (std::none_of(cells.begin(), cells.end(),
                     [&](const Cell& cell) { return matches(parsed.back(), cell); }))
      throw InputError(
          fmt::format("no cell of the plan matches '{}'; 'migbench plan' shows the cells", text));
  }
  std::vector<Cell> chosen;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(chosen), [&](const Cell& cell) {
    return std::any_of(parsed.begin(), parsed.end(),
                       [&](const CellFilter& filter) { return matches(filter, cell); });
  });
  return chosen;
}

}  // namespace migbench
