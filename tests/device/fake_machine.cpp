#include "tests/device/fake_machine.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "bench/error.hpp"

namespace migbench::testing {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

std::string devices(const std::string& address, const std::string& file = "") {
  return "bus/pci/devices/" + address + (file.empty() ? "" : "/" + file);
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

void link(const fs::path& target, const fs::path& path) {
  fs::create_directories(path.parent_path());
  fs::create_symlink(target, path);
}

struct Made {
  const FakeMachine& machine;
  void device(const std::string& address, const char* identity, const char* device_class,
              const std::string& driver, const std::string& group) const {
    const std::string text(identity);
    machine.put(devices(address, "vendor"), "0x" + text.substr(0, 4));
    machine.put(devices(address, "device"), "0x" + text.substr(5));
    machine.put(devices(address, "class"), device_class);
    machine.put(devices(address, "numa_node"), "-1");
    machine.put(devices(address, "driver_override"), "(null)");
    const fs::path sys = machine.sys();
    fs::create_directories(sys / "kernel/iommu_groups" / group / "devices");
    link(sys / "kernel/iommu_groups" / group, sys / devices(address, "iommu_group"));
    link(sys / devices(address), sys / "kernel/iommu_groups" / group / "devices" / address);
    if (driver.empty()) return;
    machine.put("bus/pci/drivers/" + driver + "/bind", "");
    machine.put("bus/pci/drivers/" + driver + "/unbind", "");
    link(sys / "bus/pci/drivers" / driver, sys / devices(address, "driver"));
  }
  void netdev(const std::string& address, const std::string& name, const char* type) const {
    const std::string net = devices(address, "net/" + name);
    machine.put(net + "/type", type);
    machine.put(net + "/operstate", "down");
    machine.put(net + "/address", "52:54:00:00:00:0" + address.substr(6, 1));
    machine.put(net + "/statistics/tx_packets", "0");
    link(machine.sys() / net, machine.sys() / "class/net" / name);
  }
};

json interface(bool up) {
  return {{"mtu", 1500},
          {"flags", up ? json{"BROADCAST", "UP"} : json{"BROADCAST"}},
          {"addr_info", json::array()}};
}

}  // namespace

FakeMachine::FakeMachine(const fs::path& root, int die_at)
    : Kernel(root / "sys", root / "proc"), root_(root), die_at_(die_at) {}

void FakeMachine::make(const fs::path& root) {
  const FakeMachine machine(root);
  const Made made{machine};
  made.device("0000:01:00.0", "8086:10c9", "0x020000", "igb", "1");
  made.device("0000:02:00.0", "15b3:101b", "0x020700", "mlx5_core", "2");
  made.device("0000:03:00.0", "8086:10d3", "0x020000", "e1000e", "3");
  made.device("0000:03:00.1", "8086:2668", "0x040300", "snd_hda", "3");
  made.device("0000:00:01.0", "1b36:000c", "0x060400", "pcieport", "1");
  for (const auto& [address, total] : {std::pair{"0000:01:00.0", "7"}, {"0000:02:00.0", "4"}}) {
    machine.put(devices(address, "sriov_totalvfs"), total);
    machine.put(devices(address, "sriov_numvfs"), "0");
    machine.put(devices(address, "sriov_drivers_autoprobe"), "1");
  }
  made.netdev("0000:01:00.0", "eth5", "1");
  made.netdev("0000:02:00.0", "ib0", "32");
  made.netdev("0000:03:00.0", "eth0", "1");
  const std::string rdma = devices("0000:02:00.0", "infiniband/mlx5_0");
  machine.put(rdma + "/node_guid", "ec0d:9a03:0044:16a2");
  machine.put(rdma + "/fw_ver", "20.31.1014");
  machine.put(rdma + "/ports/1/link_layer", "InfiniBand");
  machine.put(rdma + "/ports/1/state", "4: ACTIVE");
  machine.put("bus/pci/drivers/vfio-pci/bind", "");
  machine.put("bus/pci/drivers/vfio-pci/unbind", "");
  fs::create_directories(root / "proc/self");
  std::ofstream(root / "proc/self/mounts") << "/dev/vda1 / ext4 rw 0 0\n";
  fs::create_directories(root / "proc/sys/kernel/random");
  std::ofstream(root / "proc/sys/kernel/random/boot_id") << "this-boot\n";
  json own = interface(true);
  own["addr_info"].push_back({{"local", "192.0.2.7"}, {"prefixlen", 24}, {"scope", "global"}});
  machine.keep({{"links", {{"eth5", interface(false)}, {"ib0", interface(true)}, {"eth0", own}}},
                {"default_route", "eth0"},
                {"vfs", json::object()},
                {"eswitch", {{"pci/0000:02:00.0", "legacy"}}}});
}

void FakeMachine::put(const std::string& path, const std::string& text) const {
  fs::create_directories((sys() / path).parent_path());
  std::ofstream(sys() / path) << text << '\n';
}

json FakeMachine::state() const {
  return read_json(root_ / "state.json");
}

void FakeMachine::keep(const json& state) const {
  // Whole or not at all, as a kernel's state; but not brought to the disk, which takes a test's
  // time.
  std::ofstream(root_ / "state.new") << state.dump();
  fs::rename(root_ / "state.new", root_ / "state.json");
}

void FakeMachine::open_in_process(int pid, const std::string& file) const {
  link(file, proc() / std::to_string(pid) / "fd/7");
}

void FakeMachine::step() const {
  if (steps_++ == die_at_) ::raise(SIGKILL);
}

void FakeMachine::write(const std::string& path, const std::string& text) {
  step();
  const std::string address = fs::path(path).parent_path().filename();
  if (!exists(path)) throw Error("open " + path + ": No such file or directory");
  if (ends_with(path, "/sriov_numvfs")) {
    change_functions(address, std::stoi(text));
  } else if (ends_with(path, "/driver/unbind")) {
    unbind(text);
  } else if (ends_with(path, "/bind")) {
    bind(text, address);
  } else if (ends_with(path, "/driver_override")) {
    put(path, text == "\n" ? "(null)" : text);
  } else {
    put(path, text);
  }
  step();
}

void FakeMachine::change_functions(const std::string& address, int count) {
  const int now = std::stoi(*read(devices(address, "sriov_numvfs")));
  if (now != 0 && count != 0) throw Error("write sriov_numvfs: Device or resource busy");
  json all = state();
  const std::string driver = link_name(devices(address, "driver"));
  for (int i = 0; i < now; ++i) {
    const std::string function = fmt::format("{}:10.{}", address.substr(0, 7), i);
    fs::remove_all(sys() / devices(function));
    fs::remove_all(sys() / "kernel/iommu_groups" /
                   ("9" + function.substr(6, 1) + std::to_string(i)));
    fs::remove(sys() / devices(address, fmt::format("virtfn{}", i)));
  }
  all["vfs"].erase(address);
  for (int i = 0; i < count; ++i) {
    const std::string function = fmt::format("{}:10.{}", address.substr(0, 7), i);
    const bool probe = read(devices(address, "sriov_drivers_autoprobe")) == "1";
    Made{*this}.device(function, "8086:10ca", "0x020000", probe ? "igbvf" : "",
                       "9" + function.substr(6, 1) + std::to_string(i));
    link(sys() / devices(address), sys() / devices(function, "physfn"));
    link(sys() / devices(function), sys() / devices(address, fmt::format("virtfn{}", i)));
    all["vfs"][address].push_back({{"vf", i},
                                   {"address", "00:00:00:00:00:00"},
                                   {"vlan_list", json::array({json::object()})},
                                   {"spoofchk", true},
                                   {"trust", false},
                                   {"link_state", "auto"}});
  }
  if (count > 0 && driver == "mlx5_core") {
    for (json& vf : all["vfs"][address])
      vf["node_guid"] = vf["port_guid"] = "00:00:00:00:00:00:00:00";
  }
  keep(all);
  put(devices(address, "sriov_numvfs"), std::to_string(count));
}

void FakeMachine::unbind(const std::string& address) {
  json all = state();
  for (const std::string& name : names_in(devices(address, "net"))) {
    all["links"].erase(name);
    fs::remove(sys() / "class/net" / name);
  }
  fs::remove_all(sys() / devices(address, "net"));
  fs::remove(sys() / devices(address, "driver"));
  keep(all);
}

void FakeMachine::bind(const std::string& address, const std::string& driver) {
  const std::string wanted = *read(devices(address, "driver_override"));
  if (wanted != "(null)" && wanted != driver) throw Error("write bind: No such device");
  if (wanted == "(null)" && driver == "vfio-pci") throw Error("write bind: No such device");
  link(sys() / "bus/pci/drivers" / driver, sys() / devices(address, "driver"));
  if (driver != "igb") return;
  Made{*this}.netdev(address, "eth9", "1");  // another name than it had
  json all = state();
  all["links"]["eth9"] = interface(false);
  keep(all);
}

void FakeMachine::give_to_vfio(const std::string& address) {
  write(devices(address, "driver_override"), "vfio-pci");
  if (exists(devices(address, "driver"))) write(devices(address, "driver/unbind"), address);
  write("bus/pci/drivers/vfio-pci/bind", address);
}

std::map<std::string, std::string> FakeMachine::snapshot() const {
  std::map<std::string, std::string> all{{"state", state().dump()}};
  for (const auto& entry : fs::recursive_directory_iterator(sys())) {
    const std::string path = fs::relative(entry.path(), sys());
    if (entry.is_symlink()) {
      all[path] = "-> " + fs::relative(fs::read_symlink(entry.path()), root_).string();
    } else if (entry.is_regular_file()) {
      std::ifstream file(entry.path());
      all[path] = {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
  }
  return all;
}

}  // namespace migbench::testing
