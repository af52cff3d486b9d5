// Like is compared with like, or the report says that it is not.
//
// The evidence is what every rank said of itself (harness/placement/evidence.hpp). Other programs
// are refused: a ratio of two programs says nothing of environments. Other placement is marked,
// since it may be what a user wants to see (a guest with fewer processors).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/report/rows.hpp"

namespace migbench {

struct Fairness {
  std::string refusal{};             ///< why there is no ratio; empty: there is one
  std::vector<std::string> marks{};  ///< what is not alike all the same
  /// Nothing where neither side left any evidence (a workload that does not place its ranks).
  std::optional<bool> like_with_like{};
};

[[nodiscard]] Fairness fairness(const Row& row, const Row& baseline);

}  // namespace migbench
