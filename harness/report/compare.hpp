// Every row beside its baseline: which row that is, the ratio, and the verdicts of all rows as one
// family.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/report/rows.hpp"
#include "harness/stats/verdict.hpp"

namespace migbench {

struct Baseline {
  std::string environment = "native";
  /// Empty: migration times and downtimes are compared with nothing.
  std::optional<std::string> technique{};
  double margin = 0.05;
};

/// The row that `rows[index]` is compared with, or nothing: for the baseline itself, and where its
/// counterpart was not measured.
///
/// A row of a cell that is not moved has the same workload, parameters and point in the baseline
/// environment. Of a moved cell, migration time, downtime and phases have the same in the baseline
/// technique, if one was chosen; all else is compared with the cell's control, or with the same
/// workload in a cell without technique. Parameters that only one of the two cells has (as the
/// memory of a guest) do not count, unless several candidates remain.
[[nodiscard]] std::optional<std::size_t> find_baseline(const std::vector<Row>& rows,
                                                       std::size_t index, const Baseline& baseline);

struct Comparison {
  std::size_t baseline = 0;  ///< index of the row
  double ratio = 0;
  RatioEstimator estimator = RatioEstimator::of_medians;
  std::size_t n = 0;                         ///< matched rounds, or launches of the smaller side
  std::optional<Interval> interval{};        ///< at the family's level
  std::optional<Interval> interval_alone{};  ///< 95 %, as if it were the only comparison
  Verdict verdict = Verdict::ambiguous;
  double p = 1;               ///< Mann-Whitney: decides nothing
  double hodges_lehmann = 0;  ///< shift, in the row's unit
  std::optional<std::size_t> launches_needed{};
  std::vector<std::string> marks{};      ///< see Fairness
  std::optional<bool> like_with_like{};  ///< see Fairness
};

struct Comparisons {
  FamilyLevel level;
  std::vector<std::optional<Comparison>> of_row;  ///< as long as the rows
  std::vector<std::string> why_not;  ///< of a row with a baseline and no ratio; else empty
};

[[nodiscard]] Comparisons compare(const std::vector<Row>& rows, const Baseline& baseline,
                                  std::uint64_t seed);

}  // namespace migbench
