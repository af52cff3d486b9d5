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

/// managed='yes': libvirt takes it from its driver and gives it back. It has the alias
/// kDeviceAlias.
[[nodiscard]] std::string hostdev_xml(const HostDevice& device, Attach attach);
inline constexpr const char* kDeviceAlias = "ua-migbench-device";

/// A virtio interface on a bridge that stands in for the device while it is unplugged: it has the
/// same MAC, so that the network only sees an address that moves to another port.
[[nodiscard]] std::string stand_in_xml(const HostDevice& device, const std::string& bridge);

/// A machine's XML with another device of the host in the place of this one. Throws Error where it
/// does not have it.
[[nodiscard]] std::string with_other_device(const std::string& xml, const std::string& address,
                                            const std::string& other);

/// In the order to load them.
[[nodiscard]] std::vector<std::string> guest_modules(const HostDevice& device);

/// Whether the device itself does RDMA (not only soft-RoCE over it).
[[nodiscard]] bool has_own_rdma(const HostDevice& device);

/// Waits in the guest for the device's interface, gives it the address ("10.78.0.5/24"), and makes
/// an RDMA device of it where it has none of its own.
[[nodiscard]] Command guest_bring_up(const HostDevice& device, const std::string& address);

/// The same for a device with a stand-in: both become one bond (active-backup, the device first),
/// which has the address and the RDMA device.
[[nodiscard]] Command guest_bond(const HostDevice& device, const std::string& address);

/// After a device with this MAC was plugged in again: waits for it and adds it to the bond.
[[nodiscard]] Command guest_rejoin(const std::string& mac);

}  // namespace migbench::libvirt
