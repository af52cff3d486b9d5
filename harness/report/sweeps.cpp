#include "harness/report/sweeps.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "harness/report/numbers.hpp"
#include "harness/stats/fit.hpp"
#include "harness/stats/random.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr double kGiB = 1024.0 * 1024 * 1024;

constexpr double kBitsOfGiB = 8 * kGiB;

/// Of a link's rate ("500Mbit", "1Gbit") the s that it needs for a GiB: what is sent through it
/// takes a time that is linear in that. Nothing for other texts.
std::optional<double> seconds_of_gib(const json& value) {
  if (!value.is_string()) return std::nullopt;
  const auto text = value.get<std::string>();
  const bool mega = text.ends_with("Mbit");
  if (!mega && !text.ends_with("Gbit")) return std::nullopt;
  double rate = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size() - 4, rate);
  if (wrong != std::errc{} || end != text.data() + text.size() - 4 || rate <= 0)
    return std::nullopt;
  return kBitsOfGiB / (rate * (mega ? 1e6 : 1e9));
}

std::optional<double> swept_quantity(const json& value) {
  const auto rate = seconds_of_gib(value);
  return rate ? rate : as_quantity(value);
}

/// What a swept parameter is counted in.
struct Axis {
  std::string per;
  double unit = 1;  ///< as_quantity() of one `per`
};

Axis axis_of(const std::vector<const Row*>& rows, const std::string& parameter) {
  const auto& value = rows.front()->cell->parameters.at(parameter);
  if (!value.is_string()) return {"1", 1};
  if (seconds_of_gib(value)) return {"(s/GiB)", 1};
  const auto text = value.get<std::string>();
  const char last = text.empty() ? '0' : text.back();
  const bool seconds = text.ends_with("min") || last == 's' || last == 'h';
  return seconds ? Axis{"s", 1} : Axis{"GiB", kGiB};
}

json fit_json(const std::vector<const Row*>& rows, const std::string& parameter,
              const json& identity, std::uint64_t seed) {
  const Axis axis = axis_of(rows, parameter);
  std::vector<FitPoint> observations;
  std::set<std::string> labels;
  for (const Row* row : rows) {
    const double x = *swept_quantity(row->cell->parameters.at(parameter)) / axis.unit;
    for (const Launch& launch : row->launches())
      observations.push_back({x, launch.value});
    labels.insert(row->labels.begin(), row->labels.end());
  }
  const auto fit = fit_line(observations, seed_for(seed, identity.dump()));
  if (!fit) return nullptr;
  json result = identity;
  result.update(
      {{"parameter", parameter},
       {"per", axis.per},
       {"unit", rows.front()->unit},
       {"n", fit->n},
       {"points", fit->points},
       {"fixed", {{"value", fit->intercept}, {"interval", interval_json(fit->intercept_interval)}}},
       {"slope", {{"value", fit->slope}, {"interval", interval_json(fit->slope_interval)}}},
       {"misfit", fit->misfit},
       {"labels", labels}});
  return result;
}

}  // namespace

json fit_sweeps(const std::vector<Row>& rows, std::uint64_t seed) {
  // All that a sweep's rows share, with the swept parameter's name -> the rows.
  std::map<std::pair<std::string, std::string>, std::vector<const Row*>> groups;
  std::vector<std::pair<std::string, std::string>> order;
  for (const Row& row : rows) {
    for (const auto& [parameter, value] : row.cell->parameters.items()) {
      if (!swept_quantity(value) || row.suspect()) continue;
      json shared = row.cell->parameters;
      shared.erase(parameter);
      const json identity{{"workload", row.cell->workload},
                          {"environment", row.cell->environment},
                          {"technique", row.cell->technique ? json(*row.cell->technique) : json()},
                          {"control", row.cell->control},
                          {"parameters", shared},
                          {"metric", row.metric},
                          {"point", row.point}};
      const std::pair key{identity.dump(), parameter};
      if (groups[key].empty()) order.push_back(key);
      groups[key].push_back(&row);
    }
  }
  json fits = json::array();
  for (const auto& key : order) {
    if (groups[key].size() < 3) continue;
    json fit = fit_json(groups[key], key.second, json::parse(key.first), seed);
    if (!fit.is_null()) fits.push_back(std::move(fit));
  }
  return fits;
}

}  // namespace migbench
