#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <atomic>

#include <fmt/format.h>

#include "harness/lab/lab_site.hpp"
#include "harness/libvirt/lent_machine.hpp"

namespace migbench::libvirt {

namespace {

constexpr Bytes kMemory{512UL << 20U};  // the modules and libraries of RDMA do not fit into kvm's

/// Addresses of devices in guests, another one for each machine; below 100 are those of nodes.
std::string next_address(const LendSettings& settings) {
  static std::atomic<unsigned> count = 0;
  return fmt::format("{}.{}/24", settings.network, 101 + count++ % 150);
}

}  // namespace

Attach attach_on(const Site& site, const HostDevice& device) {
  // libvirt looks for the PF's interface to set a VF's MAC. In a virtual node it is not to be seen,
  // and an InfiniBand VF has no MAC.
  const bool plain = site.kind() == "local" || !device.is_function || device.mac.empty();
  return plain ? Attach::hostdev : Attach::interface;
}

std::shared_ptr<Borrowed> borrowed_of(const Machine& machine) {
  // Nothing else is ever put there.
  return std::static_pointer_cast<Borrowed>(machine.extras().borrowed);
}

namespace {

Extras extras_for(Site& site, const LendSettings& settings, const std::string& bridge,
                  const std::shared_ptr<Lender>& lender) {
  const auto device = Lender::take(lender);
  Extras extras;
  const std::string address = next_address(settings);
  const Attach attach = attach_on(site, *device);
  if (settings.failover && attach != Attach::interface)
    throw InputError(
        "parameter 'failover' needs an Ethernet VF whose MAC libvirt can set: not on virtual nodes "
        "(use `migbench lab run`), not with InfiniBand");
  if (const auto* lab = lab::as_lab(&site); settings.failover && lab != nullptr && !lab->joined())
    throw InputError(
        "parameter 'failover' needs the card's network and the bridge's to be one, or the stand-in "
        "reaches nobody: set the site's joined to true");
  extras.devices = hostdev_xml(*device, attach);
  if (settings.failover) extras.devices += stand_in_xml(*device, bridge);
  add_rdma(extras);
  extras.soft_roce = !has_own_rdma(*device);
  for (const std::string& module : guest_modules(*device))
    extras.modules.push_back(module);
  if (settings.failover) {
    extras.modules.emplace_back("bonding");
    extras.service_address = address.substr(0, address.find('/'));
  }
  extras.modules.insert(extras.modules.end(), settings.modules.begin(), settings.modules.end());
  extras.when_up.push_back(settings.failover ? guest_bond(*device, address)
                                             : guest_bring_up(*device, address));
  extras.borrowed = std::make_shared<Borrowed>(Borrowed{settings, lender, device, device->mac});
  extras.facts["device"] = {{"address", device->address},
                            {"mac", device->mac},
                            {"link_layer", device->link_layer},
                            {"guest_address", address},
                            {"failover", settings.failover},
                            {"rdma", has_own_rdma(*device) ? "the device's" : "soft-RoCE over it"}};
  extras.facts["lent"] = lender->facts();
  return extras;
}

}  // namespace

std::unique_ptr<Machine> start_lent_machine(Site& site, const InstanceRequest& request,
                                            std::string_view mode) {
  MachineSettings settings = machine_settings(request.parameters);
  if (!request.parameters.contains("guest_memory")) settings.memory = kMemory;
  const LendSettings lending = lend_settings(request.parameters, mode);
  const auto lender = Lender::of(site, *request.node, lending);
  return std::make_unique<Machine>(site, request, settings,
                                   extras_for(site, lending, settings.bridge, lender));
}

}  // namespace migbench::libvirt

#endif
