// From a plan to its cells.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/plan/cell.hpp"
#include "harness/plan/plan.hpp"

namespace migbench {

/// All cells of a plan, in its order, each once. A parameter that a cell's environment, technique
/// and workload do not read is left out of that cell (so one experiment may sweep the memory of
/// guests beside native processes, and the native cell stands once); one that no cell of the
/// experiment reads is a mistake. Throws InputError.
[[nodiscard]] std::vector<Cell> expand(const Plan& plan);

/// Keys and wildcard patterns (* and ?) that a cell must match all: "environment", "workload",
/// "technique" ("none" where there is none), "experiment", "id", "control", or a parameter.
using CellFilter = std::map<std::string, std::string>;

/// "environment=native,workload=mpi-*". Throws InputError.
[[nodiscard]] CellFilter parse_filter(const std::string& text);
[[nodiscard]] bool matches(const CellFilter& filter, const Cell& cell);

/// The cells that match one of the filters; all where there is no filter. Throws InputError where a
/// filter matches nothing.
[[nodiscard]] std::vector<Cell> select(const std::vector<Cell>& cells,
                                       const std::vector<std::string>& filters);

}  // namespace migbench
