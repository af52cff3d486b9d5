// Sizes and durations with their units in the type, and their text forms.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace migbench {

using Nanoseconds = std::chrono::nanoseconds;

struct Bytes {
  std::uint64_t count = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 means the 0 that <=> is compared with
  friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

/// "0", "8", "64KiB", "64K" (binary, as every MPI benchmark means it), "4MiB", "1GiB"; also "100MB"
/// (decimal). Throws InputError that quotes the text.
[[nodiscard]] Bytes parse_bytes(std::string_view text);

/// The shortest exact form: "8", "64KiB", "4MiB".
[[nodiscard]] std::string format_bytes(Bytes bytes);

/// "100us", "1.5ms", "2s", "3min", "1h", "250ns"; a bare number is refused, since its unit is
/// unknown. Throws InputError.
[[nodiscard]] Nanoseconds parse_duration(std::string_view text);

/// Three significant digits with a fitting unit: "812 ns", "1.19 us", "2.87 s".
[[nodiscard]] std::string format_duration(Nanoseconds duration);

/// A list of sizes: "0,8,4KiB" and ranges of powers of two "1..4MiB", mixed at will; sorted, no
/// size twice.
[[nodiscard]] std::vector<Bytes> parse_sizes(std::string_view text);

[[nodiscard]] constexpr double to_microseconds(Nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e3;
}

}  // namespace migbench
