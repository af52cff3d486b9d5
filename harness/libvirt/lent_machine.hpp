// A virtual machine with a borrowed device.
#pragma once

#include <memory>
#include <string_view>

#include "harness/libvirt/lender.hpp"
#include "harness/libvirt/machine.hpp"

namespace migbench::libvirt {

/// What a machine needs for this device on this site: its XML, modules, programs, how it is brought
/// up; and the device itself, until the machine has ended.
[[nodiscard]] Extras extras_for(const Site& site, const LendSettings& settings,
                                const std::shared_ptr<Lender>& lender,
                                const std::shared_ptr<const HostDevice>& device);

/// Borrows the device, then starts the machine. Throws Error, InputError for a bad parameter.
[[nodiscard]] std::unique_ptr<Machine> start_lent_machine(Site& site,
                                                          const InstanceRequest& request,
                                                          std::string_view mode);

/// How libvirt is told of a device on this site.
[[nodiscard]] Attach attach_on(const Site& site, const HostDevice& device);

}  // namespace migbench::libvirt
