#include "bench/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr double kKi = 1024.0;
constexpr std::array kSizeUnits{Unit{"", 1},
                                Unit{"B", 1},
                                Unit{"K", kKi},
                                Unit{"KiB", kKi},
                                Unit{"M", kKi* kKi},
                                Unit{"MiB", kKi* kKi},
                                Unit{"G", kKi* kKi* kKi},
                                Unit{"GiB", kKi* kKi* kKi},
                                Unit{"kB", 1e3},
                                Unit{"MB", 1e6},
                                Unit{"GB", 1e9}};
constexpr std::array kDurationUnits{Unit{"ns", 1},    Unit{"us", 1e3}, Unit{"µs", 1e3},
                                    Unit{"ms", 1e6},  Unit{"s", 1e9},  Unit{"min", 60e9},
                                    Unit{"h", 3600e9}};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// A non-negative number followed by one of the units; NaN where it is not that.
template <std::size_t N>
double scaled(std::string_view text, const std::array<Unit, N>& units) {
  const double bad = std::numeric_limits<double>::quiet_NaN();
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || !std::isfinite(number) || number < 0) return bad;
  const auto rest = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
  const auto* unit =
      std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == rest; });
  return unit == units.end() ? bad : number * unit->factor;
}

constexpr double kLargest = 9e18;  // fits both uint64 bytes and int64 nanoseconds

}  // namespace

Bytes parse_bytes(std::string_view text) {
  const double value = scaled(trimmed(text), kSizeUnits);
  if (std::isnan(value) || value > kLargest || value != std::floor(value)) {
    throw InputError(fmt::format(
        "'{}' is not a size: write a whole number of bytes as 0, 8, 64KiB, 4MiB or 1GiB", text));
  }
  return Bytes{static_cast<std::uint64_t>(value)};
}

std::string format_bytes(Bytes bytes) {
  constexpr std::array<std::string_view, 4> names{"", "KiB", "MiB", "GiB"};
  std::uint64_t count = bytes.count;
  std::size_t unit = 0;
  while (count != 0 && count % 1024 == 0 && unit + 1 < names.size()) {
    count /= 1024;
    ++unit;
  }
  return fmt::format("{}{}", count, names[unit]);
}

Nanoseconds parse_duration(std::string_view text) {
  const double value = scaled(trimmed(text), kDurationUnits);
  if (std::isnan(value) || value > kLargest) {
    throw InputError(fmt::format(
        "'{}' is not a duration: write it with its unit, as 100us, 1.5ms, 2s or 3min", text));
  }
  return Nanoseconds{std::llround(value)};
}

std::string format_duration(Nanoseconds duration) {
  const auto ns = static_cast<double>(duration.count());
  const double size = std::abs(ns);
  if (size < 1e3) return fmt::format("{} ns", duration.count());
  if (size < 1e6) return fmt::format("{:.3g} us", ns / 1e3);
  if (size < 1e9) return fmt::format("{:.3g} ms", ns / 1e6);
  if (size < 100e9) return fmt::format("{:.3g} s", ns / 1e9);
  return fmt::format("{:.1f} min", ns / 60e9);
}

std::vector<Bytes> parse_sizes(std::string_view text) {
  std::set<Bytes> sizes;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const auto end = std::min(text.find(',', begin), text.size());
    const auto item = text.substr(begin, end - begin);
    if (const auto dots = item.find(".."); dots != std::string_view::npos) {
      const Bytes first = parse_bytes(item.substr(0, dots));
      const Bytes last = parse_bytes(item.substr(dots + 2));
      if (first > last)
        throw InputError(fmt::format("the range of sizes '{}' runs backwards", item));
      if (first.count == 0) sizes.insert(first);
      for (std::uint64_t size = std::max<std::uint64_t>(first.count, 1); size <= last.count;
           size *= 2) {
        sizes.insert(Bytes{size});
      }
    } else {
      sizes.insert(parse_bytes(item));
    }
    begin = end + 1;
  }
  return {sizes.begin(), sizes.end()};
}

}  // namespace migbench
