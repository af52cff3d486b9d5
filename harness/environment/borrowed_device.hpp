// What `passthrough` and `sriov` have in common: a virtual machine as of `kvm`, with a device of
// the host's beside its virtio card.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "harness/environment/environment.hpp"
#include "harness/environment/own_devices.hpp"

namespace migbench {

class BorrowedDevice : public Environment, public OwnDevices {
 public:
  [[nodiscard]] std::vector<std::string_view> parameters() const override;
  [[nodiscard]] Support check(const Site* site) const override;
  [[nodiscard]] std::unique_ptr<Instance> bring_up(Site& site,
                                                   const InstanceRequest& request) const override;
  /// All of them boot at the same time.
  [[nodiscard]] std::vector<std::unique_ptr<Instance>> bring_up_all(
      Site& site, const std::vector<InstanceRequest>& requests) const override;
  [[nodiscard]] bool has_rdma(const nlohmann::json& /*parameters*/) const override { return true; }
};

}  // namespace migbench
