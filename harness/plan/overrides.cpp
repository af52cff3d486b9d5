#include "harness/plan/overrides.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/plan/suggest.hpp"

namespace migbench {
namespace {

using nlohmann::json;

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> steps(1);
  for (const char letter : path) {
    if (letter == '.') {
      steps.emplace_back();
    } else {
      steps.back() += letter;
    }
  }
  return steps;
}

json value_of(const std::string& text) {
  auto value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json(text) : value;
}

/// The index that a step into a list means: "0", or the name of an element.
std::size_t index_of(const json& list, const std::string& step, const std::string& assignment) {
  std::vector<std::string> allowed;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto name = list[i].is_object() ? list[i].value("name", "") : std::string();
    if (step == std::to_string(i) || (!name.empty() && step == name)) return i;
    allowed.push_back(name.empty() ? std::to_string(i) : name);
  }
  throw InputError(
      fmt::format("--set {}: the list has no '{}'{}", assignment, step, suggestion(step, allowed)));
}

}  // namespace

void override_plan(PlanText& plan, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw InputError(
        fmt::format("--set {}: must be PATH=VALUE, for example site.nodes=4", assignment));
  }
  json* at = &plan.document;
  std::string pointer;
  for (const auto& step : split(std::string_view(assignment).substr(0, equals))) {
    if (step.empty())
      throw InputError(fmt::format("--set {}: a name between two dots is empty", assignment));
    if (at->is_array()) {
      const auto index = index_of(*at, step, assignment);
      at = &(*at)[index];
      pointer += "/" + std::to_string(index);
    } else if (at->is_object() || at->is_null()) {
      at = &(*at)[step];  // a null becomes an object: the schema judges whether it may be there
      pointer += "/" + step;
    } else {
      throw InputError(fmt::format("--set {}: {} is {}, there is no '{}' in it", assignment,
                                   pointer, at->type_name(), step));
    }
  }
  *at = value_of(assignment.substr(equals + 1));
  plan.overridden[pointer] = assignment;
}

}  // namespace migbench
