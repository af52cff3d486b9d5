// What sysfs says of a PCI device: who it is, who drives it, which IOMMU group it is in, what it
// can be split into, and which network interfaces and RDMA devices it carries.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/device/kernel.hpp"

namespace migbench::device {

/// "0000:3b:00.1"
struct PciAddress {
  std::uint32_t domain = 0;
  std::uint32_t bus = 0;
  std::uint32_t slot = 0;
  std::uint32_t function = 0;
  auto operator<=>(const PciAddress&) const = default;
};

/// With or without the domain, as lspci prints it; empty where it is none.
[[nodiscard]] std::optional<PciAddress> parse_address(std::string_view text);
/// The same for what a user wrote. Throws InputError.
[[nodiscard]] PciAddress address_or_throw(std::string_view text);
[[nodiscard]] std::string to_string(const PciAddress& address);
/// "bus/pci/devices/0000:3b:00.1", or a file in it.
[[nodiscard]] std::string path_of(const PciAddress& address, std::string_view file = "");

struct Sriov {
  int total = 0;                        ///< what the device's capability allows
  int enabled = 0;                      ///< sriov_numvfs
  bool autoprobe = true;                ///< whether the host's driver takes new VFs
  std::vector<PciAddress> functions{};  ///< the enabled VFs in their order
};

struct PciDevice {
  PciAddress address;
  std::uint32_t vendor = 0, device = 0, device_class = 0;
  std::string driver{};  ///< empty: none
  std::optional<int> numa_node{};
  std::optional<int> iommu_group{};
  std::vector<PciAddress> group_members{};        ///< the whole group, this device included
  std::optional<Sriov> sriov{};                   ///< of a PF
  std::optional<PciAddress> physical_function{};  ///< of a VF
  std::vector<std::string> netdevs{};             ///< in this process's network namespace only
  std::vector<std::string> infiniband{};          ///< "mlx5_0"
  std::string link_layer{};  ///< "Ethernet", "InfiniBand"; empty where no driver says it
  std::string
      port_state{};  ///< "ACTIVE", "DOWN" of the first RDMA port, else the netdev's operstate
  std::string firmware{};
  [[nodiscard]] bool is_network() const noexcept;
  [[nodiscard]] bool is_bridge() const noexcept { return device_class >> 16U == 0x06; }
};

/// Empty where there is no such device. Throws Error where an attribute makes no sense.
[[nodiscard]] std::optional<PciDevice> find_device(const Kernel& kernel, const PciAddress& address);
/// Those of the classes network (0x02) and InfiniBand (0x0c06), by address.
[[nodiscard]] std::vector<PciDevice> network_devices(const Kernel& kernel);

/// For the record.
[[nodiscard]] nlohmann::json describe(const PciDevice& device);

}  // namespace migbench::device
