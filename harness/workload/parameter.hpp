// Reading a workload's parameters: the value, or a message that names the parameter.
#pragma once

#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/error.hpp"

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

}  // namespace migbench
