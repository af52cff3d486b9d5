// A plan file as it was read: validated, overridden, not yet expanded.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/units.hpp"
#include "harness/plan/cell.hpp"

namespace migbench {

/// The text of a plan, and where each value in it stands.
struct PlanText {
  std::string origin;  ///< the file, for messages
  nlohmann::json document;
  std::map<std::string, int> lines{};               ///< see source_lines()
  std::map<std::string, std::string> overridden{};  ///< JSON Pointer -> the --set that changed it

  /// "quick.json:12: at /experiments/0/workload": the beginning of every message.
  [[nodiscard]] std::string where(const std::string& pointer) const;
};

/// Reads a plan: a path, or a name from the shipped plans ("quick"). Throws InputError.
[[nodiscard]] PlanText load_plan(const std::string& path_or_name);
/// The same for a text from elsewhere.
[[nodiscard]] PlanText parse_plan_text(const std::string& text, const std::string& origin);

struct Experiment {
  std::string name;
  std::string pointer;  ///< "/experiments/0"
  std::vector<std::string> environments{};
  std::vector<std::string> workloads{};
  std::vector<std::optional<std::string>> techniques{};
  /// Each parameter with the values that it takes.
  std::map<std::string, std::vector<nlohmann::json>> parameters{};
  nlohmann::json exclude = nlohmann::json::array();
  nlohmann::json probe = nlohmann::json::object();
  int migrations = 1;
  bool control = false;
  Repetitions repetitions{};
  Nanoseconds deadline{};
  Nanoseconds settle{};
};

struct Plan {
  PlanText text;
  std::string name;
  nlohmann::json site;
  std::optional<std::uint64_t> seed{};
  std::optional<Nanoseconds> budget{};
  std::vector<Experiment> experiments{};
};

/// Checks it against the published schema and reads it. Throws InputError with all mistakes, one a
/// line.
[[nodiscard]] Plan read_plan(PlanText text);

}  // namespace migbench
