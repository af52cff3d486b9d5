// Environments whose instances have RDMA devices of their own, whatever the node has.
#pragma once

#include <nlohmann/json.hpp>

#include "bench/error.hpp"

namespace migbench {

/// As the verbs drivers label what they measure over one.
inline constexpr const char* kSoftRoceLabel = "emulated: soft-RoCE";

class Site;

/// Beside Environment: an environment that may bring a device.
class OwnDevices {
 public:
  virtual ~OwnDevices() = default;
  [[nodiscard]] virtual bool has_rdma(const nlohmann::json& parameters) const = 0;
};

/// Beside Workload: a workload that needs one, and can tell what else it needs.
class NeedsRdma {
 public:
  virtual ~NeedsRdma() = default;
  [[nodiscard]] virtual Support check_but_device(const Site* site) const = 0;
};

}  // namespace migbench
