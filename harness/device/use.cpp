#include "harness/device/use.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::device {

namespace fs = std::filesystem;

namespace {

/// Long enough for anything that talks, short enough for `migbench list`.
constexpr auto kListen = std::chrono::milliseconds(300);

std::vector<int> processes_with_open(const Kernel& kernel, const std::string& file) {
  std::vector<int> found;
  std::error_code error;
  for (fs::directory_iterator entry(kernel.proc(), error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code gone;
    for (fs::directory_iterator fd(entry->path() / "fd", gone), last; !gone && fd != last;
         fd.increment(gone)) {
      std::error_code closed;
      if (fs::read_symlink(fd->path(), closed) != file || closed) continue;
      found.push_back(std::stoi(name));
      break;
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The address by which whoever is logged in reached this machine.
std::string session_address() {
  const char* connection = std::getenv("SSH_CONNECTION");
  std::istringstream words(connection == nullptr ? "" : connection);
  std::string client, client_port, here;
  words >> client >> client_port >> here;
  return here;
}

/// Sources and targets of /proc/mounts.
std::vector<std::pair<std::string, std::string>> mounts(const Kernel& kernel) {
  std::vector<std::pair<std::string, std::string>> all;
  std::ifstream file(kernel.proc() / "self/mounts");
  for (std::string source, target, rest; file >> source >> target && std::getline(file, rest);)
    all.emplace_back(source, target);
  return all;
}

class Look {
 public:
  explicit Look(const Kernel& kernel) : kernel_(kernel) {}

  void at(const PciDevice& device, const std::string& who) {
    for (const std::string& netdev : device.netdevs)
      at_interface(netdev);
    for (const std::string& rdma : device.infiniband)
      at_rdma(device, rdma);
    at_disks(device);
    if (const auto users = vfio_users(kernel_, device.address); !users.empty())
      add("{} is open in process {}, probably a virtual machine", who, users.front());
  }

  [[nodiscard]] std::vector<std::string> found() const { return found_; }

 private:
  template <class... Values>
  void add(fmt::format_string<Values...> text, Values&&... values) {
    found_.push_back(fmt::format(text, std::forward<Values>(values)...));
  }

  void at_interface(const std::string& netdev) {
    for (const std::string& name : with_uppers(kernel_, netdev)) {
      if (name != netdev) add("{} is part of {}", netdev, name);
      at_addresses(name);
      at_default_routes(name);
    }
    at_traffic(netdev);
  }

  void at_addresses(const std::string& name) {
    const auto links = kernel_.ask({"ip", "-json", "address", "show", "dev", name});
    if (!links.is_array()) return;
    for (const auto& link : links) {
      for (const auto& address : link.value("addr_info", nlohmann::json::array())) {
        const auto local = address.value("local", "");
        if (address.value("scope", "") == "link" || local.empty()) continue;
        add("{} has the address {}", name, local);
        if (local == session_address()) add("{} carries this ssh session", name);
      }
    }
  }

  void at_default_routes(const std::string& name) {
    for (const char* family : {"-4", "-6"}) {
      const auto routes = kernel_.ask(
          {"ip", "-json", family, "route", "show", "table", "all", "default", "dev", name});
      if (routes.is_array() && !routes.empty()) {
        add("{} carries the default route", name);
        return;
      }
    }
  }

  [[nodiscard]] std::string sent(const std::string& netdev) const {
    return kernel_.read("class/net/" + netdev + "/statistics/tx_packets").value_or("");
  }

  void at_traffic(const std::string& netdev) {
    if (kernel_.read("class/net/" + netdev + "/operstate").value_or("") != "up") return;
    const std::string before = sent(netdev);
    std::this_thread::sleep_for(kListen);
    if (sent(netdev) != before) add("{} is up and sends packets", netdev);
  }

  void at_rdma(const PciDevice& device, const std::string& rdma) {
    for (const std::string& verbs : kernel_.names_in(path_of(device.address, "infiniband_verbs"))) {
      const auto users = processes_with_open(kernel_, "/dev/infiniband/" + verbs);
      if (!users.empty()) add("{} is open in process {}", rdma, users.front());
    }
  }

  /// Disks below a device: sysfs has them at any depth (nvme0/nvme0n1, ata1/host0/.../block/sda).
  void at_disks(const PciDevice& device) {
    std::set<std::string> disks;
    for (const std::string& disk : kernel_.names_in("class/block")) {
      std::error_code error;
      const fs::path target = fs::read_symlink(kernel_.sys() / "class/block" / disk, error);
      if (!error && target.string().find(to_string(device.address) + "/") != std::string::npos)
        disks.insert(disk);
    }
    if (disks.empty()) return;
    for (const auto& [source, target] : mounts(kernel_)) {
      const fs::path path(source);
      if (path.parent_path() == "/dev" && disks.count(path.filename()) != 0)
        add("its disk {} is mounted at {}", path.filename().string(), target);
    }
    for (const std::string& disk : disks) {
      for (const std::string& holder : kernel_.names_in("class/block/" + disk + "/holders"))
        add("its disk {} is part of {}", disk, holder);
    }
  }

  const Kernel& kernel_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<int> vfio_users(const Kernel& kernel, const PciAddress& address) {
  const std::string group = kernel.link_name(path_of(address, "iommu_group"));
  if (group.empty() || kernel.link_name(path_of(address, "driver")) != "vfio-pci") return {};
  return processes_with_open(kernel, "/dev/vfio/" + group);
}

std::vector<std::string> with_uppers(const Kernel& kernel, const std::string& netdev) {
  std::vector<std::string> all{netdev};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const std::string& name : kernel.names_in("class/net/" + all[i])) {
      if (name.rfind("upper_", 0) != 0) continue;
      const std::string upper = name.substr(6);
      if (std::find(all.begin(), all.end(), upper) == all.end()) all.push_back(upper);
    }
  }
  return all;
}

std::vector<std::string> uses_of(const Kernel& kernel, const PciDevice& device) {
  Look look(kernel);
  look.at(device, to_string(device.address));
  if (device.sriov) {
    for (const PciAddress& function : device.sriov->functions) {
      if (const auto found = find_device(kernel, function))
        look.at(*found, fmt::format("its VF {}", to_string(function)));
    }
  }
  return look.found();
}

}  // namespace migbench::device
