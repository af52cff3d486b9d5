#include <migbench_have.hpp>
#if MIGBENCH_HAVE_LIBVIRT

#include <algorithm>
#include <array>
#include <iterator>
#include <sstream>

#include "harness/device/kernel.hpp"
#include "harness/libvirt/vfio_move.hpp"

namespace migbench::libvirt {

namespace {

/// Linux's drivers/vfio/pci: those that save a state, by their names below /sys/bus/pci/drivers
/// (KBUILD_MODNAME, which has '_' where the module's file has '-').
constexpr std::array<std::string_view, 5> kDrivers{
    "mlx5_vfio_pci", "hisi_acc_vfio_pci", "pds_vfio_pci", "virtio_vfio_pci", "qat_vfio_pci"};

std::shared_ptr<Borrowed> with_device(const Machine& machine) {
  auto borrowed = borrowed_of(machine);
  if (!borrowed) throw InputError("technique 'kvm-vfio' moves machines of environment sriov only");
  return borrowed;
}

}  // namespace

bool saves_state(const std::vector<std::string>& drivers) {
  return std::any_of(drivers.begin(), drivers.end(), [](const std::string& driver) {
    return std::find(kDrivers.begin(), kDrivers.end(), driver) != kDrivers.end();
  });
}

Support vfio_migration_support(const Site* site) {
  std::vector<std::string> drivers;
  if (site == nullptr || site->kind() == "local") {
    drivers = device::Kernel().names_in("bus/pci/drivers");
  } else {
    std::istringstream listing(
        site->nodes().front()->run({{"ls", "/sys/bus/pci/drivers"}}, std::chrono::seconds(10)).out);
    drivers.assign(std::istream_iterator<std::string>(listing), {});
  }
  if (saves_state(drivers)) return std::nullopt;
  // NVIDIA's 'SR-IOV Live Migration' (DOCA 2.9.3) for the device, Linux and QEMU; libvirt's NEWS of
  // 10.0.0 for the driver, which before then has to be bound by hand.
  return Unsupported{
      "no driver here can save the state of a passed-through device: plain vfio-pci cannot, and an "
      "emulated card has no such state",
      "take a device with a VFIO driver of its own, say a ConnectX-7 or BlueField-3 (Ethernet, "
      "VF_MIGRATION_MODE=2 in its firmware, modprobe mlx5_vfio_pci) with Linux 6.7, QEMU 8.1 and "
      "libvirt 10.0, which binds that driver, or newer; or use kvm-failover"};
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
