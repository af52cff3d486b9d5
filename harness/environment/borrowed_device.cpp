#include "harness/environment/borrowed_device.hpp"

#include <migbench_have.hpp>

#include "harness/device/preflight.hpp"
#include "harness/environment/start_together.hpp"
#include "harness/guest/image.hpp"
#include "harness/libvirt/daemon.hpp"
#include "harness/libvirt/lender.hpp"
#include "harness/libvirt/settings.hpp"

#if MIGBENCH_HAVE_LIBVIRT
#include "harness/libvirt/lent_machine.hpp"
#endif

namespace migbench {

std::vector<std::string_view> BorrowedDevice::parameters() const {
  std::vector<std::string_view> names = libvirt::machine_parameters();
  for (const std::string_view more : libvirt::lend_parameters(name()))
    names.push_back(more);
  return names;
}

#if MIGBENCH_HAVE_LIBVIRT

Support BorrowedDevice::check(const Site* site) const {
  // On a cluster the devices are its nodes', and `devices lend` says there what is missing.
  if (site != nullptr && site->kind() != "local") return std::nullopt;
  if (auto missing = libvirt::daemon_support()) return missing;
  if (auto missing = guest::image_support()) return missing;
  device::Wish wish;
  wish.lending = name() == "sriov" ? device::Lending::functions : device::Lending::whole;
  // A plan may allow what nobody has allowed in general.
  wish.allow_in_use = site != nullptr;
  return device::suitable_devices(device::Kernel(), "auto", 1, wish).missing;
}

std::unique_ptr<Instance> BorrowedDevice::bring_up(Site& site,
                                                   const InstanceRequest& request) const {
  auto machine = libvirt::start_lent_machine(site, request, name());
  machine->wait_until_up();
  return machine;
}

std::vector<std::unique_ptr<Instance>> BorrowedDevice::bring_up_all(
    Site& site, const std::vector<InstanceRequest>& requests) const {
  return start_together(libvirt::shared_out(requests),
                        [&](const InstanceRequest& request) { return bring_up(site, request); });
}

#else

Support BorrowedDevice::check(const Site* /*site*/) const {
  return Unsupported{"this build has no libvirt", "apt-get install libvirt-dev, then build again"};
}

std::unique_ptr<Instance> BorrowedDevice::bring_up(Site& site,
                                                   const InstanceRequest& /*request*/) const {
  throw Error(check(&site)->reason);
}

std::vector<std::unique_ptr<Instance>> BorrowedDevice::bring_up_all(
    Site& site, const std::vector<InstanceRequest>& /*requests*/) const {
  throw Error(check(&site)->reason);
}

#endif

}  // namespace migbench
