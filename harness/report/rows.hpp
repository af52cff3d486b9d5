// From records to rows: one row for each metric of a cell at each of its points.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/report/run_data.hpp"
#include "harness/stats/ratio.hpp"

namespace migbench {

/// What one trial says: its only value, or the median of its migrations, which share one launch.
struct TrialValue {
  int trial = 1;
  int sequence = 0;
  double value = 0;
  bool suspect = false;
  std::size_t migrations = 1;
};

struct Row {
  const Cell* cell = nullptr;
  std::string metric;
  nlohmann::json point;  ///< without the number of the migration
  std::string unit;
  Better better = Better::lower;
  std::vector<TrialValue> values;
  std::vector<std::string> labels;
  std::vector<nlohmann::json> evidence{};  ///< of the trials' ranks, each that differs once

  /// Nothing but suspect trials were measured; then they are summed up, and compared with nothing.
  [[nodiscard]] bool suspect() const;
  /// Of good trials; of the suspect ones where there are no others.
  [[nodiscard]] std::vector<Launch> launches() const;
  /// Stable, unique in a report.
  [[nodiscard]] std::string key() const;
};

/// In the order of the plan's cells, then of metrics as they come, then of points. The rows point
/// into `data`.
[[nodiscard]] std::vector<Row> make_rows(const RunData& data);

/// "migration-time", "downtime-*" and "phase-*": of the move, not of the workload.
[[nodiscard]] bool is_migration_metric(std::string_view metric);

/// How many trials of a cell came to what.
[[nodiscard]] std::map<std::string, std::size_t> count_outcomes(const RunData& data,
                                                                const std::string& cell_id);

/// Orders JSON values as a reader expects: numbers by value, sizes and durations ("64MiB", "1ms")
/// by what they mean, all else as text.
[[nodiscard]] bool natural_less(const nlohmann::json& a, const nlohmann::json& b);
/// A number, or a size or duration as bytes or seconds; nothing for other text.
[[nodiscard]] std::optional<double> as_quantity(const nlohmann::json& value);

}  // namespace migbench
