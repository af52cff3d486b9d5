// Live migration of a virtual machine with its VF: the VF's own state is carried by VFIO.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/libvirt/lent_machine.hpp"
#include "harness/libvirt/transfer.hpp"

namespace migbench::libvirt {

class VfioMove final : public Migration {
 public:
  /// Borrows the destination's VF. Throws InputError where the machine has no device.
  explicit VfioMove(const MoveRequest& request);
  [[nodiscard]] MoveResult move() override;

 private:
  Machine& machine_;
  std::shared_ptr<Borrowed> borrowed_;
  std::shared_ptr<Lender> lender_;
  std::shared_ptr<const HostDevice> device_;  ///< of the destination
  Transfer transfer_;
};

/// Whether one of these PCI drivers is known to save and load a device's state.
[[nodiscard]] bool saves_state(const std::vector<std::string>& drivers);

/// Whether a driver on the site's first node (or here) can save and load a device's state. The
/// kernel's plain vfio-pci cannot; those that can are drivers of their own.
[[nodiscard]] Support vfio_migration_support(const Site* site);

}  // namespace migbench::libvirt
