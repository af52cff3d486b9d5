#include "harness/run/schedule.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <random>
#include <utility>

#include "bench/quantile.hpp"

namespace migbench {
namespace {

/// Uniform in [0, below) by rejection. std::shuffle and std::uniform_int_distribution give other
/// numbers in other standard libraries; std::mt19937_64 does not.
std::uint64_t uniform(std::mt19937_64& generator, std::uint64_t below) {
  const std::uint64_t usable = std::mt19937_64::max() - std::mt19937_64::max() % below;
  std::uint64_t drawn = generator();
  while (drawn >= usable)
    drawn = generator();
  return drawn % below;
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): neighbouring rounds get unrelated states.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ value >> 30U) * 0xbf58476d1ce4e5b9U;
  value = (value ^ value >> 27U) * 0x94d049bb133111ebU;
  return value ^ value >> 31U;
}

bool narrow(const std::vector<double>& values, double relative_width) {
  const auto summary = summarize(values);
  if (!summary || !summary->interval) return false;
  return summary->interval->width() <= relative_width * std::abs(summary->median);
}

}  // namespace

std::vector<std::size_t> round_order(std::uint64_t seed, std::uint64_t round, std::size_t cells) {
  std::mt19937_64 generator(mixed(seed + 0x9e3779b97f4a7c15U * (round + 1)));
  std::vector<std::size_t> order(cells);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = cells; i > 1; --i)
    std::swap(order[i - 1], order[uniform(generator, i)]);
  return order;
}

std::vector<std::size_t> grouped(const std::vector<std::size_t>& order,
                                 std::span<const std::string> keys) {
  std::vector<std::size_t> result;
  for (const std::size_t first : order) {
    if (std::find(result.begin(), result.end(), first) != result.end()) continue;
    std::copy_if(order.begin(), order.end(), std::back_inserter(result),
                 [&](std::size_t cell) { return keys[cell] == keys[first]; });
  }
  return result;
}

std::uint64_t random_seed() {
  std::random_device device;
  return device() & 0xffffffffU;
}

std::string_view name(Closed why) {
  switch (why) {
    case Closed::no:
      return "open";
    case Closed::narrow_enough:
      return "narrow-enough";
    case Closed::most_trials:
      return "most-trials";
    case Closed::budget_spent:
      return "budget-spent";
    case Closed::failing:
      return "failing";
    case Closed::unsupported:
      return "unsupported";
  }
  return "open";
}

bool is_main(std::string_view metric) {
  if (metric.substr(0, 6) == "phase-") return false;
  return metric.substr(0, 9) != "downtime-" || metric == "downtime-best";
}

FinishedTrial observe(const Record& record) {
  std::map<std::string, std::vector<double>> values;
  for (const auto& metric : record.metrics) {
    if (!is_main(metric.name)) continue;
    // Moves inside one trial share a launch: their median is one observation.
    auto point = metric.point;
    point.erase("migration");
    values[metric.name + " " + point.dump()].push_back(metric.value);
  }
  FinishedTrial observation{record.outcome, record.elapsed_s, {}};
  for (auto& [metric, all] : values)
    observation.main[metric] = summarize(all)->median;
  return observation;
}

Closed judge_cell(const Repetitions& repetitions, std::span<const FinishedTrial> trials) {
  std::map<std::string, std::vector<double>> values;
  std::size_t good = 0;
  std::size_t failed_in_a_row = 0;
  for (const auto& trial : trials) {
    if (trial.outcome == Outcome::unsupported) return Closed::unsupported;
    failed_in_a_row = trial.outcome == Outcome::failed ? failed_in_a_row + 1 : 0;
    if (trial.outcome != Outcome::ok) continue;
    ++good;
    for (const auto& [metric, value] : trial.main)
      values[metric].push_back(value);
  }
  if (failed_in_a_row >= repetitions.failures) return Closed::failing;
  if (trials.size() >= repetitions.most) return Closed::most_trials;
  // Below six no interval exists, whatever `fewest` says.
  if (good >= repetitions.fewest && repetitions.relative_width > 0 && !values.empty() &&
      std::all_of(values.begin(), values.end(), [&](const auto& metric) {
        return narrow(metric.second, repetitions.relative_width);
      })) {
    return Closed::narrow_enough;
  }
  return Closed::no;
}

}  // namespace migbench
