// The options that choose and change a plan, common to `run` and `plan`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/plan/cell.hpp"
#include "harness/plan/plan.hpp"

namespace migbench {

struct PlanOptions {
  std::string plan = "quick";
  std::vector<std::string> set{};
  std::vector<std::string> only{};
  std::optional<std::uint64_t> seed{};
  std::string budget{};

  void define(CLI::App& app);
};

struct ChosenPlan {
  Plan plan;
  std::vector<Cell> cells;
};

/// Throws InputError.
[[nodiscard]] ChosenPlan choose_plan(const PlanOptions& options);

}  // namespace migbench
