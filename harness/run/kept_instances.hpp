// Instances that outlive a trial (a plan's "keep_instances"): where booting a machine takes longer
// than what is measured in it, the cells of a round that want the same instances share them.
#pragma once

#include <string>

#include "harness/plan/cell.hpp"
#include "harness/run/trial_jobs.hpp"

namespace migbench {

/// The same for cells that want instances alike and leave them as they found them; a moved cell
/// shares with nobody.
[[nodiscard]] std::string sharing_key(const Cell& cell);

/// The same for requests whose instances cannot be told apart.
[[nodiscard]] std::string instances_key(const Environment& environment, const Environment& peers,
                                        const std::vector<InstanceRequest>& requests);

class KeptInstances {
 public:
  struct Found {
    Instances instances{};
    int trials_before = 0;  ///< that ran in them
  };

  /// Those of this key, which are not kept any longer; others are ended.
  [[nodiscard]] Found take(const std::string& key);
  void keep(std::string key, Found used);
  /// Takes them down.
  void end() noexcept;

 private:
  std::string key_{};
  Found kept_{};
};

}  // namespace migbench
