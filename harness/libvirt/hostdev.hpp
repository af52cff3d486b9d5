// A PCI device of the host in a virtual machine: its XML, the drivers that the guest needs for it,
// and how it is brought up there.
#pragma once

#include <string>
#include <vector>

#include "harness/libvirt/extras.hpp"

namespace migbench::libvirt {

/// A device as a loan describes it (harness/device/loan.hpp).
struct HostDevice {
  std::string address{};     ///< "0000:01:10.0"
  std::string driver{};      ///< of the host, for it or for its PF
  std::string mac{};         ///< of an Ethernet device
  std::string link_layer{};  ///< "Ethernet", "InfiniBand"
  bool is_function = false;  ///< a VF
};

/// Throws Error where the description lacks something.
[[nodiscard]] HostDevice host_device(const nlohmann::json& lent, const nlohmann::json& physical);

/// How libvirt is told.
enum class Attach {
  hostdev,    ///< <hostdev>: any device; its MAC is what the host's driver was told
  interface,  ///< <interface type='hostdev'>: an Ethernet VF whose MAC libvirt sets
};

/// `team`: the alias of a virtio interface with the same MAC that stands in for it while it is
/// unplugged
/// (<teaming>); empty: none. managed='yes': libvirt takes it from its driver and gives it back.
[[nodiscard]] std::string hostdev_xml(const HostDevice& device, Attach attach,
                                      const std::string& team = "");

/// In the order to load them.
[[nodiscard]] std::vector<std::string> guest_modules(const HostDevice& device);

/// Whether the device itself does RDMA (not only soft-RoCE over it).
[[nodiscard]] bool has_own_rdma(const HostDevice& device);

/// Waits in the guest for the device's interface, gives it the address ("10.78.0.5/24"), and makes
/// an RDMA device of it where it has none of its own.
[[nodiscard]] Command guest_bring_up(const HostDevice& device, const std::string& address);

}  // namespace migbench::libvirt
