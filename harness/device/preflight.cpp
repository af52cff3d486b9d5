#include "harness/device/preflight.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/device/use.hpp"

namespace migbench::device {

namespace {

constexpr std::uint32_t kMellanox = 0x15b3;
constexpr std::uint32_t kBroadcom = 0x14e4;

Check passed(std::string name, std::string found) {
  return {std::move(name), true, std::move(found), {}};
}

Check failed(std::string name, std::string found, std::string remedy) {
  return {std::move(name), false, std::move(found), std::move(remedy)};
}

Check check_iommu(const Kernel& kernel, const PciDevice& device) {
  const bool on = !kernel.names_in("kernel/iommu_groups").empty();
  if (!on) {
    return failed("IOMMU", "this machine has no IOMMU, or it is off",
                  "switch on VT-d or AMD-Vi in the firmware's setup and boot with "
                  "intel_iommu=on iommu=pt (AMD: iommu=pt)");
  }
  if (!device.iommu_group) {
    return failed("IOMMU", fmt::format("{} is in no IOMMU group", to_string(device.address)),
                  "it is behind no IOMMU: take another slot or another device");
  }
  return passed("IOMMU", fmt::format("group {}", *device.iommu_group));
}

/// VFIO gives a whole group or nothing: every other device in it must be without a host's driver
/// (Documentation/driver-api/vfio.rst); bridges are exempt.
Check check_group(const Kernel& kernel, const PciDevice& device) {
  std::vector<std::string> others;
  for (const PciAddress& member : device.group_members) {
    if (member == device.address) continue;
    const auto other = find_device(kernel, member);
    if (!other || other->is_bridge() || other->driver.empty()) continue;
    if (other->driver == "vfio-pci" || other->driver == "pci-stub") continue;
    others.push_back(fmt::format("{} ({})", to_string(member), other->driver));
  }
  if (others.empty()) return passed("group", "it is alone in its group");
  return failed(
      "group", fmt::format("it shares its IOMMU group with {}", fmt::join(others, ", ")),
      "take a slot whose bridges have ACS (a CPU's root port), or give all devices of the "
      "group to vfio-pci");
}

/// VFs are in groups of their own where all bridges above have ACS, and else in their PF's.
Check check_group_of_functions(const Kernel& kernel, const PciDevice& device) {
  if (device.sriov && device.sriov->functions.empty())
    return passed("group", "VFs will be looked at when they are there");
  for (const PciAddress& address :
       device.sriov ? device.sriov->functions : std::vector<PciAddress>{}) {
    const auto function = find_device(kernel, address);
    if (!function) continue;
    if (Check group = check_group(kernel, *function); !group.passed) return group;
  }
  return passed("group", "each VF is alone in its group");
}

std::string sriov_remedy(const PciDevice& device) {
  if (device.vendor == kMellanox) {
    return fmt::format(
        "switch it on in the card's firmware and boot again: mlxconfig -d {} set SRIOV_EN=1 "
        "NUM_OF_VFS=8",
        to_string(device.address));
  }
  if (device.vendor == kBroadcom) return "switch SR-IOV on in the card's firmware (bnxtnvm)";
  return "switch SR-IOV on in the firmware's setup, or take a card that has it";
}

Check check_sriov(const PciDevice& device, int wanted) {
  if (device.physical_function) {
    return failed("SR-IOV", "it is a VF itself",
                  fmt::format("name its PF, {}", to_string(*device.physical_function)));
  }
  if (!device.sriov || device.sriov->total == 0)
    return failed("SR-IOV", "it has no SR-IOV capability", sriov_remedy(device));
  const Sriov& sriov = *device.sriov;
  if (sriov.total < wanted) {
    return failed("SR-IOV", fmt::format("it has {} VFs, {} are wanted", sriov.total, wanted),
                  "ask for fewer (parameter vfs), or " + sriov_remedy(device));
  }
  return passed("SR-IOV", fmt::format("{} VFs", sriov.total));
}

/// Others' VFs are theirs: their number can only be changed by removing all of them.
Check check_functions(const PciDevice& device) {
  if (!device.sriov || device.sriov->enabled == 0) return passed("functions", "none are there yet");
  return failed("functions",
                fmt::format("it has {} VFs already that are not ours", device.sriov->enabled),
                fmt::format("if nobody needs them: echo 0 >/sys/{}",
                            path_of(device.address, "sriov_numvfs")));
}

Check check_driver(const PciDevice& device, Lending lending) {
  if (device.driver.empty() && lending == Lending::functions) {
    return failed("driver", "no driver has it, and VFs are made by their PF's driver",
                  "load the card's driver (igb, ice, i40e, mlx5_core, bnxt_en ...)");
  }
  if (device.driver == "vfio-pci" || device.driver == "pci-stub") {
    return failed("driver", fmt::format("{} has it: it is set aside for something", device.driver),
                  fmt::format("give it back: echo {0} >/sys/bus/pci/drivers/{1}/unbind",
                              to_string(device.address), device.driver));
  }
  return passed("driver", device.driver.empty() ? "none" : device.driver);
}

/// ConnectX-3 and older (mlx4) make VFs in another way, that is not written here.
Check check_firmware(const PciDevice& device, Lending lending) {
  if (lending == Lending::functions && device.driver.rfind("mlx4", 0) == 0) {
    return failed("firmware",
                  "ConnectX-3 and older are not supported: their VFs are made otherwise",
                  "take a ConnectX-4 or newer, or environment passthrough");
  }
  return passed("firmware", device.firmware.empty() ? "not told by the driver" : device.firmware);
}

Check check_link(const PciDevice& device) {
  const bool infiniband = device.link_layer == "InfiniBand";
  if (infiniband && device.port_state == "DOWN") {
    return failed("link", "its InfiniBand port is down",
                  "plug in the cable and look at the switch");
  }
  if (infiniband && device.port_state == "INIT") {
    return failed("link", "its InfiniBand port waits for a subnet manager",
                  "start opensm on one machine of the network (for VFs with virt_enabled 2 in "
                  "opensm.conf)");
  }
  return passed("link",
                fmt::format("{} {}", device.link_layer.empty() ? "unknown" : device.link_layer,
                            device.port_state));
}

Check check_use(const Kernel& kernel, const PciDevice& device, const Wish& wish) {
  if (wish.lent.contains(to_string(device.address))) {
    return failed("use", "it is lent to another migbench that runs now",
                  "name another device, or wait for the other's end");
  }
  const auto uses = uses_of(kernel, device);
  if (uses.empty()) return passed("use", "nothing here uses it");
  const std::string text = fmt::format("{}", fmt::join(uses, "; "));
  if (wish.allow_in_use) return passed("use", "allowed although " + text);
  return failed(
      "use", text,
      "it is left alone; give it up first, or, if you are sure, set allow_in_use to true");
}

std::string joined(const std::vector<Check>& checks, std::string Check::*part) {
  std::string all;
  for (const Check& check : checks) {
    if (!check.passed) all += (all.empty() ? "" : "; ") + check.*part;
  }
  return all;
}

std::vector<PciDevice> candidates(const Kernel& kernel, const std::string& wanted) {
  if (wanted == "auto") return network_devices(kernel);
  std::vector<PciDevice> devices;
  std::istringstream list(wanted);
  for (std::string text; std::getline(list, text, ',');) {
    auto device = find_device(kernel, address_or_throw(text));
    if (!device) {
      throw InputError(fmt::format(
          "there is no PCI device {} here; `migbench devices` lists those there are", text));
    }
    devices.push_back(std::move(*device));
  }
  if (devices.empty())
    throw InputError("parameter 'pci' names no device; \"auto\" takes the first");
  return devices;
}

}  // namespace

std::string_view name_of(Lending lending) {
  return lending == Lending::whole ? "passthrough" : "sriov";
}

std::vector<Check> preflight(const Kernel& kernel, const PciDevice& device, const Wish& wish) {
  std::vector<Check> checks{check_iommu(kernel, device)};
  if (wish.lending == Lending::functions) {
    checks.push_back(check_sriov(device, wish.functions));
    checks.push_back(check_functions(device));
    checks.push_back(check_group_of_functions(kernel, device));
  } else {
    checks.push_back(check_group(kernel, device));
    if (device.sriov && device.sriov->enabled > 0) checks.push_back(check_functions(device));
  }
  checks.push_back(check_driver(device, wish.lending));
  checks.push_back(check_firmware(device, wish.lending));
  checks.push_back(check_link(device));
  checks.push_back(check_use(kernel, device, wish));
  return checks;
}

Support verdict(const PciDevice& device, const std::vector<Check>& checks) {
  const std::string reason = joined(checks, &Check::found);
  if (reason.empty()) return std::nullopt;
  return Unsupported{fmt::format("{}: {}", to_string(device.address), reason),
                     joined(checks, &Check::remedy)};
}

Suitable suitable_devices(const Kernel& kernel, const std::string& wanted, std::size_t count,
                          const Wish& wish) {
  Suitable suitable;
  std::string reasons;
  std::string remedy;
  const auto all = candidates(kernel, wanted);
  for (const PciDevice& device : all) {
    if (suitable.devices.size() == count) break;
    // A VF of somebody's is no candidate of its own unless it was named.
    if (wanted == "auto" && device.physical_function) continue;
    if (const Support no = verdict(device, preflight(kernel, device, wish))) {
      reasons += (reasons.empty() ? "" : ". ") + no->reason;
      if (remedy.empty()) remedy = no->remedy;
    } else {
      suitable.devices.push_back(device);
    }
  }
  if (suitable.devices.size() == count) return suitable;
  if (all.empty()) {
    reasons = "this machine has no network device on the PCI bus";
    remedy = "put one in; without hardware `migbench lab` has emulated ones";
  } else if (reasons.empty()) {
    reasons = fmt::format("{} devices are wanted, only {} are there", count, all.size());
    remedy = "ask for fewer instances, or put in more cards";
  }
  suitable.missing = Unsupported{reasons, remedy};
  return suitable;
}

}  // namespace migbench::device
