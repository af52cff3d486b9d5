// Reading a workload's parameters: the value, or a message that names the parameter.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "bench/units.hpp"

namespace migbench {

/// The value of a parameter; throws InputError that names it where it is missing or has another
/// type.
template <class Value>
[[nodiscard]] Value parameter(const nlohmann::json& parameters, const char* name) {
  const nlohmann::json value = parameters.value(name, nlohmann::json());
  try {
    return value.get<Value>();
  } catch (const nlohmann::json::exception&) {
    throw InputError(fmt::format("parameter \"{}\": {} is not a value for it", name, value.dump()));
  }
}

/// A whole number within bounds; throws InputError that names them.
[[nodiscard]] inline int whole_parameter(const nlohmann::json& parameters, const char* name,
                                         int least, int most) {
  const nlohmann::json value = parameters.value(name, nlohmann::json());
  if (!value.is_number_integer() || value < least || value > most) {
    throw InputError(fmt::format("parameter \"{}\": {} is not a whole number from {} to {}", name,
                                 value.dump(), least, most));
  }
  return value.get<int>();
}

/// One of these texts; throws InputError that lists them.
[[nodiscard]] inline std::string one_of(const nlohmann::json& parameters, const char* name,
                                        const std::vector<std::string>& values) {
  auto value = parameter<std::string>(parameters, name);
  if (std::find(values.begin(), values.end(), value) == values.end())
    throw InputError(fmt::format("parameter \"{}\": '{}' is not one of {}", name, value,
                                 fmt::join(values, ", ")));
  return value;
}

/// A duration with its unit, as it was written.
[[nodiscard]] inline std::string duration_text(const nlohmann::json& parameters, const char* name) {
  auto text = parameter<std::string>(parameters, name);
  (void)parse_duration(text);
  return text;
}

/// A size with its unit, as it was written.
[[nodiscard]] inline std::string bytes_text(const nlohmann::json& parameters, const char* name) {
  auto text = parameter<std::string>(parameters, name);
  (void)parse_bytes(text);
  return text;
}

/// "placement": how every rank is placed and its evidence taken (docs/placement.md).
[[nodiscard]] inline std::string placement_parameter(const nlohmann::json& parameters) {
  return one_of(parameters, "placement", {"free", "socket", "core"});
}

}  // namespace migbench
