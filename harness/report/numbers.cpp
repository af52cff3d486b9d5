#include "harness/report/numbers.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bench/units.hpp"

namespace migbench {
namespace {

using nlohmann::json;

constexpr double kHuge = 1e7;
constexpr double kTiny = 1e-4;

/// Decimals that leave four significant digits; -1: only an exponent does.
int decimals_for(double value) {
  const double size = std::abs(value);
  if (size == 0) return 0;
  if (size >= kHuge || size < kTiny) return -1;
  return std::clamp(3 - static_cast<int>(std::floor(std::log10(size))), 0, 7);
}

std::string with_decimals(double value, int decimals) {
  return decimals < 0 ? fmt::format("{:.4g}", value) : fmt::format("{:.{}f}", value, decimals);
}

}  // namespace

std::string number_text(const json& value) {
  if (!value.is_number()) return "-";
  const auto number = value.get<double>();
  return with_decimals(number, decimals_for(number));
}

std::string estimate_text(const json& value, const json& interval) {
  if (!value.is_number()) return "-";
  if (!interval.is_array()) return number_text(value);
  const auto number = value.get<double>();
  const int decimals = decimals_for(number);
  return fmt::format("{} [{}, {}]", with_decimals(number, decimals),
                     with_decimals(interval.at(0).get<double>(), decimals),
                     with_decimals(interval.at(1).get<double>(), decimals));
}

json interval_json(const std::optional<Interval>& interval) {
  return interval ? json{interval->low, interval->high} : json(nullptr);
}

std::string value_text(const std::string& key, const json& value) {
  if (key == "size" && value.is_number_unsigned())
    return format_bytes(Bytes{value.get<std::uint64_t>()});
  if (value.is_string()) return value.get<std::string>();
  return value.dump();
}

std::string object_text(const json& object) {
  std::string text;
  for (const auto& [key, value] : object.items())
    text += (text.empty() ? "" : " ") + key + "=" + value_text(key, value);
  return text;
}

std::string labels_text(const json& labels) {
  std::string text;
  for (const json& label : labels)
    text += (text.empty() ? "" : "; ") + label.get<std::string>();
  return text;
}

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

}  // namespace migbench
