// In which order trials run, and when a cell has had enough of them. Nothing here runs anything:
// all is a function of the seed and of the records, so that a resumed run goes on as if it had
// never stopped.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/plan/cell.hpp"
#include "harness/run/record.hpp"

namespace migbench {

/// The order of `cells` cells in a round: every cell once, all orders equally likely, the same for
/// the same seed and round on every machine. Cells that will be compared are thereby interleaved: a
/// slow drift of the machine meets all of them alike.
[[nodiscard]] std::vector<std::size_t> round_order(std::uint64_t seed, std::uint64_t round,
                                                   std::size_t cells);

/// The same order, but cells of one key follow each other, from where the first of them stood.
[[nodiscard]] std::vector<std::size_t> grouped(const std::vector<std::size_t>& order,
                                               std::span<const std::string> keys);

/// A seed that fits into the numbers of every JSON reader.
[[nodiscard]] std::uint64_t random_seed();

/// Why a cell gets no further trial.
enum class Closed {
  no,
  narrow_enough,  ///< the intervals of all main metrics
  most_trials,
  budget_spent,  ///< of the run
  failing,       ///< too many failed trials in a row
  unsupported
};
/// "open", "narrow-enough", "most-trials", "budget-spent", "failing", "unsupported".
[[nodiscard]] std::string_view name(Closed why);

/// What the schedule must know of a finished trial.
struct FinishedTrial {
  Outcome outcome = Outcome::ok;
  double elapsed_s = 0;
  std::map<std::string, double> main;  ///< metric and point -> value; see is_main()
};
[[nodiscard]] FinishedTrial observe(const Record& record);

/// Whether a metric decides when a cell is narrow enough: the workload's own ones, the migration
/// time, and the best of the downtime estimators; the phases do not.
[[nodiscard]] bool is_main(std::string_view metric);

/// All reasons but the budget.
[[nodiscard]] Closed judge_cell(const Repetitions& repetitions,
                                std::span<const FinishedTrial> trials);

}  // namespace migbench
