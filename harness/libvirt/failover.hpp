// Moving a virtual machine that has a VF: the VF is unplugged and a virtio interface stands in for
// it, the machine migrates as any other, and gets a VF of the destination.
#pragma once

#include <memory>

#include "harness/libvirt/lent_machine.hpp"
#include "harness/libvirt/transfer.hpp"

namespace migbench::libvirt {

class Failover final : public Migration {
 public:
  /// Borrows the destination's VF. Throws InputError where the machine has no stand-in.
  explicit Failover(const MoveRequest& request);
  /// Phases: "unplug", those of a live migration within "migrate", "replug".
  [[nodiscard]] MoveResult move() override;

 private:
  void unplug(const Connection& connection) const;
  void plug(const Connection& connection, const HostDevice& device) const;

  Machine& machine_;
  std::shared_ptr<Borrowed> borrowed_;
  std::shared_ptr<Connection> at_source_;
  std::shared_ptr<Connection> at_destination_;
  std::shared_ptr<Lender> lender_;
  std::shared_ptr<const HostDevice> device_;  ///< of the destination
  Nanoseconds deadline_;
  Transfer transfer_;
};

}  // namespace migbench::libvirt
