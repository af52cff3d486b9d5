// Why the probe and the hypervisor disagree about a downtime: what the records of these moves say.
//
// The hypervisor counts how long the vCPUs stood still; libvirt's events say when, to the harness's
// clock, which is the probe's. An outage seen by the probe is therefore cut in three: before the
// machine was paused, while it was, and after it was resumed.
#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/report/trial_figure.hpp"
#include "harness/run/record.hpp"

namespace migbench {

class Disagreement {
 public:
  /// Only moves with the hypervisor's own downtime `own` (ms), events for its pause, and an outage
  /// that the probe saw are counted.
  void add_move(const Record& record, std::size_t move, double own);
  void end_trial();

  /// {"before", "after", "events", "bracket": figures in ms, "kind": the commonest of the outages,
  /// "pulled": whether it was post-copy}; null where no move could be counted. "before" and
  /// "after": silence outside the pause (negative: the outage began later or ended earlier);
  /// "events": the pause by libvirt's events minus `own`; "bracket": half of what the probe leaves
  /// open.
  [[nodiscard]] nlohmann::json to_json() const;

 private:
  TrialFigure before_, after_, events_, bracket_;
  std::map<std::string, int> kinds_;
  bool pulled_ = false;
};

/// One sentence for a report: how far they disagree by `difference` (ms, the best estimator minus
/// the hypervisor's), and the largest of the parts with what the packets say of it.
[[nodiscard]] std::string disagreement_text(double difference, const nlohmann::json& parts);

}  // namespace migbench
