// What a run prints: the block of the original, so that existing scripts read it, and one JSON
// document.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/npb/kernel.hpp"

namespace migbench::npb {

/// One launch of a kernel, gathered from all ranks.
struct Launch {
  std::string kernel;
  char problem_class = 'S';
  int ranks = 1;
  Result result;                           ///< of rank 0, its `seconds` the slowest rank's
  std::vector<double> slowest_iterations;  ///< of each iteration, over the ranks
  nlohmann::json per_rank = nlohmann::json::array();
  [[nodiscard]] bool verified() const;
  [[nodiscard]] double mops() const;
};

/// Result of all ranks, on rank 0; elsewhere only what is local. Collective.
[[nodiscard]] Launch gather(const Kernel& kernel, const Run& run, Result result);

/// " FT Benchmark Completed." and what follows, in the layout of NPB 3.4's print_results.
[[nodiscard]] std::string original_block(const Launch& launch);

/// The checks and the phases, for a person.
[[nodiscard]] std::string readable_report(const Launch& launch);

/// What is added to driver_document().
[[nodiscard]] nlohmann::json launch_document(const Launch& launch);

}  // namespace migbench::npb
