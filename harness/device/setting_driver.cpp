// The driver that a PCI device is bound to.
#include <thread>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/device/setting.hpp"
#include "harness/device/use.hpp"

namespace migbench::device {

namespace {

/// Unbinding vfio-pci blocks as long as somebody has the device open.
void wait_until_closed(const Kernel& kernel, const PciAddress& address) {
  const std::int64_t deadline = deadline_now_ns() + kernel.patience().count();
  for (;;) {
    const auto users = vfio_users(kernel, address);
    if (users.empty()) return;
    if (deadline_now_ns() > deadline) {
      throw Error(fmt::format("process {} has {} open; end it (a virtual machine?) and try again",
                              users.front(), to_string(address)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace

std::optional<nlohmann::json> current_driver(const Kernel& kernel, const std::string& address) {
  const PciAddress device = address_or_throw(address);
  if (!kernel.exists(path_of(device))) return std::nullopt;
  return nlohmann::json(kernel.link_name(path_of(device, "driver")));
}

void set_driver(Kernel& kernel, const std::string& address, const nlohmann::json& value) {
  const PciAddress device = address_or_throw(address);
  const auto wanted = value.get<std::string>();
  if (wanted.find('/') != std::string::npos)
    throw InputError(fmt::format("'{}' is no driver's name", wanted));
  wait_until_closed(kernel, device);
  const std::string now = kernel.link_name(path_of(device, "driver"));
  if (now == wanted) return;
  if (!now.empty()) kernel.write(path_of(device, "driver/unbind"), to_string(device));
  if (wanted.empty()) return;
  if (!kernel.exists("bus/pci/drivers/" + wanted)) {
    throw Error(
        fmt::format("{} had the driver {}, which is not loaded now: modprobe it and try again",
                    address, wanted));
  }
  kernel.write(fmt::format("bus/pci/drivers/{}/bind", wanted), to_string(device));
}

}  // namespace migbench::device
