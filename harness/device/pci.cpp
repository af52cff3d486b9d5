#include "harness/device/pci.hpp"

#include <charconv>
#include <regex>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::device {

namespace {

std::optional<std::uint32_t> number(std::string_view text, int base) {
  if (base == 16 && text.substr(0, 2) == "0x") text.remove_prefix(2);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A number from an attribute that every device (or every PF) has.
std::uint32_t attribute(const Kernel& kernel, const PciAddress& address, const char* name,
                        int base) {
  const std::string path = path_of(address, name);
  const auto text = kernel.read(path);
  const auto value = text ? number(*text, base) : std::nullopt;
  if (!value) {
    throw Error(fmt::format("{}: '{}' is no number", (kernel.sys() / path).string(),
                            text.value_or("(unreadable)")));
  }
  return *value;
}

std::vector<PciAddress> group_members(const Kernel& kernel, const PciAddress& address) {
  std::vector<PciAddress> members;
  for (const std::string& name : kernel.names_in(path_of(address, "iommu_group/devices"))) {
    if (const auto member = parse_address(name)) members.push_back(*member);
  }
  return members;
}

Sriov read_sriov(const Kernel& kernel, const PciAddress& address) {
  Sriov sriov;
  sriov.total = static_cast<int>(attribute(kernel, address, "sriov_totalvfs", 10));
  sriov.enabled = static_cast<int>(attribute(kernel, address, "sriov_numvfs", 10));
  sriov.autoprobe = kernel.read(path_of(address, "sriov_drivers_autoprobe")).value_or("1") != "0";
  for (int i = 0; i < sriov.enabled; ++i) {
    const auto function =
        parse_address(kernel.link_name(path_of(address, fmt::format("virtfn{}", i))));
    if (!function) {
      throw Error(fmt::format("{} says that it has {} VFs, but virtfn{} is not there",
                              to_string(address), sriov.enabled, i));
    }
    sriov.functions.push_back(*function);
  }
  return sriov;
}

/// "4: ACTIVE" -> "ACTIVE"
std::string after_colon(const std::string& text) {
  const auto colon = text.find(": ");
  return colon == std::string::npos ? text : text.substr(colon + 2);
}

void read_link(const Kernel& kernel, PciDevice& device) {
  if (!device.infiniband.empty()) {
    const std::string rdma = path_of(device.address, "infiniband/" + device.infiniband[0]);
    device.link_layer = kernel.read(rdma + "/ports/1/link_layer").value_or("");
    device.port_state = after_colon(kernel.read(rdma + "/ports/1/state").value_or(""));
    device.firmware = kernel.read(rdma + "/fw_ver").value_or("");
  }
  if (device.netdevs.empty()) return;
  const std::string net = path_of(device.address, "net/" + device.netdevs[0]);
  if (device.link_layer.empty()) {
    // ARPHRD_ETHER and ARPHRD_INFINIBAND
    const std::string type = kernel.read(net + "/type").value_or("");
    device.link_layer = type == "1" ? "Ethernet" : type == "32" ? "InfiniBand" : "";
  }
  if (device.port_state.empty()) device.port_state = kernel.read(net + "/operstate").value_or("");
  if (device.firmware.empty()) device.firmware = kernel.firmware(device.netdevs[0]);
}

}  // namespace

std::optional<PciAddress> parse_address(std::string_view text) {
  static const std::regex form(
      "(?:([0-9a-fA-F]{4,8}):)?([0-9a-fA-F]{2}):([01][0-9a-fA-F])\\.([0-7])");
  std::match_results<std::string_view::const_iterator> part;
  if (!std::regex_match(text.begin(), text.end(), part, form)) return std::nullopt;
  const auto hex = [&](std::size_t i) { return number(part[i].str(), 16).value_or(0); };
  return PciAddress{hex(1), hex(2), hex(3), hex(4)};
}

PciAddress address_or_throw(std::string_view text) {
  if (const auto address = parse_address(text)) return *address;
  throw InputError(
      fmt::format("'{}' is no PCI address like 0000:3b:00.1; `migbench devices` lists them", text));
}

std::string to_string(const PciAddress& address) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", address.domain, address.bus, address.slot,
                     address.function);
}

std::string path_of(const PciAddress& address, std::string_view file) {
  return fmt::format("bus/pci/devices/{}{}{}", to_string(address), file.empty() ? "" : "/", file);
}

bool PciDevice::is_network() const noexcept {
  return device_class >> 16U == 0x02 || device_class >> 8U == 0x0c06;
}

std::optional<PciDevice> find_device(const Kernel& kernel, const PciAddress& address) {
  if (!kernel.exists(path_of(address))) return std::nullopt;
  PciDevice device;
  device.address = address;
  device.vendor = attribute(kernel, address, "vendor", 16);
  device.device = attribute(kernel, address, "device", 16);
  device.device_class = attribute(kernel, address, "class", 16);
  device.driver = kernel.link_name(path_of(address, "driver"));
  if (const auto node = kernel.read(path_of(address, "numa_node")); node && *node != "-1") {
    if (const auto value = number(*node, 10)) device.numa_node = static_cast<int>(*value);
  }
  if (const auto group = number(kernel.link_name(path_of(address, "iommu_group")), 10))
    device.iommu_group = static_cast<int>(*group);
  device.group_members = group_members(kernel, address);
  if (kernel.exists(path_of(address, "sriov_totalvfs"))) device.sriov = read_sriov(kernel, address);
  device.physical_function = parse_address(kernel.link_name(path_of(address, "physfn")));
  device.netdevs = kernel.names_in(path_of(address, "net"));
  device.infiniband = kernel.names_in(path_of(address, "infiniband"));
  // virtio's interface hangs one level lower.
  if (device.netdevs.empty()) {
    for (const std::string& child : kernel.names_in(path_of(address)))
      if (child.rfind("virtio", 0) == 0)
        device.netdevs = kernel.names_in(path_of(address, child + "/net"));
  }
  read_link(kernel, device);
  return device;
}

std::vector<PciDevice> network_devices(const Kernel& kernel) {
  std::vector<PciDevice> found;
  for (const std::string& name : kernel.names_in("bus/pci/devices")) {
    const auto address = parse_address(name);
    if (!address) continue;
    if (auto device = find_device(kernel, *address); device && device->is_network())
      found.push_back(std::move(*device));
  }
  return found;
}

nlohmann::json describe(const PciDevice& device) {
  nlohmann::json facts{{"address", to_string(device.address)},
                       {"vendor", fmt::format("{:04x}", device.vendor)},
                       {"device", fmt::format("{:04x}", device.device)},
                       {"driver", device.driver},
                       {"link_layer", device.link_layer},
                       {"port_state", device.port_state},
                       {"firmware", device.firmware},
                       {"netdevs", device.netdevs},
                       {"infiniband", device.infiniband}};
  if (device.numa_node) facts["numa_node"] = *device.numa_node;
  if (device.iommu_group) facts["iommu_group"] = *device.iommu_group;
  if (device.physical_function) facts["physical_function"] = to_string(*device.physical_function);
  if (device.sriov)
    facts["sriov"] = {{"total", device.sriov->total}, {"enabled", device.sriov->enabled}};
  return facts;
}

}  // namespace migbench::device
