// Whether this machine itself needs a device: its network, its disks, a virtual machine, a program
// that has it open. What is in use is never touched unless the user says so.
#pragma once

#include <string>
#include <vector>

#include "harness/device/pci.hpp"

namespace migbench::device {

/// Each use in one sentence ("eth0 carries the default route"), those of its VFs included; none: it
/// is free. Takes 0.3 s where an interface is up, to see whether anything is sent. Throws Error
/// where `ip` fails.
[[nodiscard]] std::vector<std::string> uses_of(const Kernel& kernel, const PciDevice& device);

/// The processes that have the device open through VFIO: a virtual machine that it was given to.
[[nodiscard]] std::vector<int> vfio_users(const Kernel& kernel, const PciAddress& address);

/// The interface itself and all that are built upon it: bridges, bonds, VLANs.
[[nodiscard]] std::vector<std::string> with_uppers(const Kernel& kernel, const std::string& netdev);

}  // namespace migbench::device
