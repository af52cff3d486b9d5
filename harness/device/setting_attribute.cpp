// Files of sysfs, of PCI devices and RDMA devices only.
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/device/setting.hpp"
#include "harness/device/use.hpp"

namespace migbench::device {

namespace {

constexpr std::string_view kVfs = "/sriov_numvfs";
constexpr std::string_view kOverride = "/driver_override";

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// A journal is a file: what it names must be what we change, and nothing else.
void check_path(const std::string& path) {
  const bool known =
      path.rfind("bus/pci/devices/", 0) == 0 || path.rfind("class/infiniband/", 0) == 0;
  if (!known || path.find("..") != std::string::npos)
    throw InputError(fmt::format("'{}' is no attribute of a PCI or RDMA device", path));
}

std::vector<int> users_of_functions(const Kernel& kernel, const std::string& path) {
  const auto address = parse_address(std::filesystem::path(path).parent_path().filename().string());
  const auto device = address ? find_device(kernel, *address) : std::nullopt;
  if (!device || !device->sriov) return {};
  for (const PciAddress& function : device->sriov->functions) {
    if (auto users = vfio_users(kernel, function); !users.empty()) return users;
  }
  return {};
}

/// The kernel waits for ever in this write while somebody has a VF open.
void wait_until_closed(const Kernel& kernel, const std::string& path) {
  const std::int64_t deadline = deadline_now_ns() + kernel.patience().count();
  for (;;) {
    const auto users = users_of_functions(kernel, path);
    if (users.empty()) return;
    if (deadline_now_ns() > deadline) {
      throw Error(
          fmt::format("{}: process {} has a VF open; end it (a virtual machine?) and try "
                      "again",
                      path, users.front()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace

std::optional<nlohmann::json> current_attribute(const Kernel& kernel, const std::string& path) {
  check_path(path);
  auto text = kernel.read(path);
  if (!text) return std::nullopt;
  if (ends_with(path, kOverride) && *text == "(null)") text = "";
  return nlohmann::json(*text);
}

void set_attribute(Kernel& kernel, const std::string& path, const nlohmann::json& value) {
  check_path(path);
  const auto text = value.get<std::string>();
  if (ends_with(path, kVfs)) {
    wait_until_closed(kernel, path);
    // A number can only be changed by way of none (Documentation/PCI/pci-iov-howto.rst).
    if (kernel.read(path) != "0" && text != "0") kernel.write(path, "0");
  }
  kernel.write(path, text.empty() ? "\n" : text);
}

}  // namespace migbench::device
