// How much of the machine somebody else used while a trial ran.
#pragma once

#include <array>
#include <cstdint>

#include <nlohmann/json_fwd.hpp>

namespace migbench {

class ForeignLoad {
 public:
  /// Begins to count.
  ForeignLoad();
  /// {"loadavg_start": [1, 5, 15 min], "elapsed_s", "busy_cpu_s", "own_cpu_s", "foreign_cpu_s",
  /// "stolen_cpu_s", "foreign_share"}: CPU seconds of this machine. Own is the harness with all its
  /// descendants, the dead ones included; foreign is the rest of what was busy; the share is of all
  /// CPUs' time. Null where /proc cannot tell.
  [[nodiscard]] nlohmann::json since() const;

 private:
  struct Reading {
    std::int64_t at_ns = 0;
    double busy_s = 0;
    double stolen_s = 0;
    double own_s = 0;
    int cpus = 0;
    bool good = false;
  };
  static Reading read();
  Reading start_;
  std::array<double, 3> load_{};
};

}  // namespace migbench
