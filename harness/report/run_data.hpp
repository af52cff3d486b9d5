// A run's directory as the report sees it: read only, whole, and checked.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/plan/cell.hpp"
#include "harness/run/record.hpp"

namespace migbench {

struct RunData {
  std::string name;  ///< of the directory
  nlohmann::json run;
  nlohmann::json plan;
  std::vector<Cell> cells;  ///< in the plan's order, also those that never ran
  std::vector<Record> records;
};

/// Throws InputError that names the file and the place in it where something is missing or broken.
[[nodiscard]] RunData read_run(const std::filesystem::path& directory);

}  // namespace migbench
