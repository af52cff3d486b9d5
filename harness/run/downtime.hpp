// From what the probe saw and what the mover did to the metrics of a migration.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/migration/technique.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {

/// Of each move: "migration-time" and one "phase-NAME" for each phase (its stretches added up), in
/// ms. Where a trial moves several times the point is {"migration": 1 ...}, else it is empty.
[[nodiscard]] std::vector<Metric> move_metrics(const std::vector<MoveResult>& moves);

/// "downtime-lost", "downtime-run", "downtime-gap" and "downtime-pause", one for each estimator of
/// udp_downtime/estimators.hpp, and "downtime-best", the one that fits the kind of the outage; in
/// ms. Of each move: the longest outage that overlaps the time from its request to the next one's;
/// 0 where the probe saw none above its threshold. Without moves (a control): of the whole run, the
/// floor below which the probe sees nothing. Throws Error where `probe` is no document of the
/// probe.
[[nodiscard]] std::vector<Metric> downtime_metrics(const nlohmann::json& probe,
                                                   const std::vector<MoveResult>& moves);

/// Why the probe itself says that these downtimes should not be believed; empty: they should. What
/// it says of outages that no downtime was taken from is no reason; nor is a stall of its sender
/// that could not have hidden a longer outage than the one that was found.
[[nodiscard]] std::vector<std::string> suspicions(const nlohmann::json& probe,
                                                  const std::vector<MoveResult>& moves);

}  // namespace migbench
