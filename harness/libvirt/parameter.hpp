// Reading one parameter of a plan, with one clear message where it is not what it should be.
#pragma once

#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "bench/units.hpp"

namespace migbench::libvirt {

/// The text of a string, or of a number as it was written.
[[nodiscard]] inline std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

template <class Type>
[[nodiscard]] Type typed(const nlohmann::json& value, const std::string& name) {
  try {
    return value.get<Type>();
  } catch (const nlohmann::json::exception&) {
    throw InputError(
        fmt::format("parameter '{}': {} is not of the right type", name, value.dump()));
  }
}

[[nodiscard]] inline int whole_number(const nlohmann::json& value, const std::string& name,
                                      int least, int most) {
  const bool number = value.is_number_integer();
  const auto given = number ? value.get<long long>() : 0;
  if (!number || given < least || given > most) {
    throw InputError(fmt::format("parameter '{}': {} is not a whole number from {} to {}", name,
                                 value.dump(), least, most));
  }
  return static_cast<int>(given);
}

[[nodiscard]] inline Bytes size(const nlohmann::json& value, const std::string& name) {
  try {
    return parse_bytes(text_of(value));
  } catch (const InputError& wrong) {
    throw InputError(fmt::format("parameter '{}': {}", name, wrong.what()));
  }
}

[[nodiscard]] inline Nanoseconds duration(const nlohmann::json& value, const std::string& name) {
  try {
    return parse_duration(text_of(value));
  } catch (const InputError& wrong) {
    throw InputError(fmt::format("parameter '{}': {}", name, wrong.what()));
  }
}

}  // namespace migbench::libvirt
