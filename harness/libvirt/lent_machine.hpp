// A virtual machine with a borrowed device.
#pragma once

#include <memory>
#include <string_view>

#include "harness/libvirt/lender.hpp"
#include "harness/libvirt/machine.hpp"

namespace migbench::libvirt {

/// What a machine has borrowed; a technique exchanges the device when it moves the machine.
struct Borrowed {
  LendSettings settings;
  std::shared_ptr<Lender> lender;
  std::shared_ptr<const HostDevice> device;
  std::string mac{};  ///< of the first device, which all that follow it take over
};

/// Null where the machine has none.
[[nodiscard]] std::shared_ptr<Borrowed> borrowed_of(const Machine& machine);

/// Borrows the device, then starts the machine. Throws Error, InputError for a bad parameter.
[[nodiscard]] std::unique_ptr<Machine> start_lent_machine(Site& site,
                                                          const InstanceRequest& request,
                                                          std::string_view mode);

/// How libvirt is told of a device on this site.
[[nodiscard]] Attach attach_on(const Site& site, const HostDevice& device);

}  // namespace migbench::libvirt
