#include "harness/run/head_clock.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/programs.hpp"

namespace migbench {

namespace {

using nlohmann::json;

constexpr int kReadings = 5;
constexpr Nanoseconds kPatience = std::chrono::seconds(10);
constexpr std::array kTimes{"start_ns", "end_ns", "t_ns"};

ClockReading read_once(const Place& place) {
  const std::int64_t before = deadline_now_ns();
  const Finished finished =
      place.run({{find_program("migbench-udp-probe").string(), "--clock"}, {}, "/"}, kPatience);
  const std::int64_t after = deadline_now_ns();
  const json there = json::parse(finished.out, nullptr, false);
  if (!finished.ok() || !there.is_number_integer())
    throw Error(
        fmt::format("the clock of {} cannot be read: {}", place.name(), describe(finished)));
  return {there.get<std::int64_t>(), before + (after - before) / 2, (after - before + 1) / 2};
}

template <class Shift>
void visit(json& value, const Shift& shift) {
  if (value.is_object()) {
    for (const char* key : kTimes) {
      if (const auto found = value.find(key); found != value.end() && found->is_number_integer())
        *found = shift(found->get<std::int64_t>());
    }
  }
  if (value.is_structured())
    for (json& part : value)
      visit(part, shift);
}

}  // namespace

ClockReading read_clock_of(const Place& place) {
  ClockReading best = read_once(place);
  for (int i = 1; i < kReadings; ++i) {
    const ClockReading one = read_once(place);
    if (one.bound_ns < best.bound_ns) best = one;
  }
  return best;
}

void shift_times(json& document, const ClockReading& first, const ClockReading& last) {
  const std::int64_t added = first.here_ns - first.there_ns;
  const std::int64_t drift = last.here_ns - last.there_ns - added;
  const std::int64_t between = last.there_ns - first.there_ns;
  // An emulated clock may go some hundred ppm faster than this one.
  const auto shift = [&](std::int64_t there) {
    const double share =
        between > 0 ? static_cast<double>(there - first.there_ns) / static_cast<double>(between)
                    : 0.0;
    return there + added + static_cast<std::int64_t>(share * static_cast<double>(drift));
  };
  visit(document, shift);
  document["clock_shift"] = {{"added_ns", added},
                             {"drift_ns", drift},
                             {"bound_ns", std::max(first.bound_ns, last.bound_ns)}};
}

}  // namespace migbench
