#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <algorithm>
#include <array>

#include "harness/device/kernel.hpp"
#include "harness/libvirt/vfio_move.hpp"

namespace migbench::libvirt {

namespace {

/// Linux's drivers/vfio/pci: those with migration_ops.
constexpr std::array<std::string_view, 5> kDrivers{
    "mlx5-vfio-pci", "mlx5_vfio_pci", "hisi-acc-vfio-pci", "pds-vfio-pci", "virtio-vfio-pci"};

bool has_driver(const std::string& listing) {
  return std::any_of(kDrivers.begin(), kDrivers.end(), [&](std::string_view driver) {
    return listing.find(driver) != std::string::npos;
  });
}

std::shared_ptr<Borrowed> with_device(const Machine& machine) {
  auto borrowed = borrowed_of(machine);
  if (!borrowed) throw InputError("technique 'kvm-vfio' moves machines of environment sriov only");
  return borrowed;
}

}  // namespace

Support vfio_migration_support(const Site* site) {
  std::string drivers;
  if (site == nullptr || site->kind() == "local") {
    for (const std::string& name : device::Kernel().names_in("bus/pci/drivers"))
      drivers += name + "\n";
  } else {
    drivers =
        site->nodes().front()->run({{"ls", "/sys/bus/pci/drivers"}}, std::chrono::seconds(10)).out;
  }
  if (has_driver(drivers)) return std::nullopt;
  return Unsupported{
      "no driver here can save the state of a passed-through device: plain vfio-pci cannot, and an "
      "emulated card has no such state",
      "take a ConnectX-7 or another device with a driver of its own (modprobe mlx5_vfio_pci), "
      "Linux "
      "6.7, QEMU 8.1 and libvirt 10 or newer; or use kvm-failover"};
}

VfioMove::VfioMove(const MoveRequest& request)
    : machine_(machine_of(request)),
      borrowed_(with_device(machine_)),
      lender_(Lender::of(*request.site, *request.destination, borrowed_->settings)),
      device_(Lender::take(lender_)),
      transfer_(request, Mode::live,
                [from = borrowed_->device->address, to = device_->address](const std::string& xml) {
                  return with_other_device(xml, from, to);
                }) {}

MoveResult VfioMove::move() {
  MoveResult result = transfer_.move();
  result.facts["device"] = {{"source", borrowed_->device->address},
                            {"destination", device_->address}};
  if (result.moved) {
    borrowed_->device = device_;
    borrowed_->lender = lender_;
  }
  return result;
}

}  // namespace migbench::libvirt

#endif
