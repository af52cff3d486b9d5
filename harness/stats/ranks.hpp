// Rank statistics that stand beside the ratio: they are reported, and decide nothing alone.
#pragma once

#include <span>
#include <vector>

namespace migbench {

/// Ranks from 1, ties get the mean of theirs.
[[nodiscard]] std::vector<double> midranks(std::span<const double> values);

struct MannWhitney {
  double u = 0;               ///< pairs in which x is above y, ties count half (R's W)
  double p = 1;               ///< two-sided
  bool exact = false;         ///< else the normal approximation with continuity and tie correction
  double hodges_lehmann = 0;  ///< median of all differences x - y
};

/// Both sides must not be empty. Exact below 50 a side without ties, as in R's wilcox.test.
[[nodiscard]] MannWhitney mann_whitney(std::span<const double> x, std::span<const double> y);

struct Spearman {
  double rho = 0;  ///< 0 where one side is constant
  double p = 1;    ///< two-sided, by Student's t with n - 2 degrees of freedom
};

/// Fewer than three pairs: {0, 1}. Throws std::logic_error where the lengths differ.
[[nodiscard]] Spearman spearman(std::span<const double> x, std::span<const double> y);

}  // namespace migbench
