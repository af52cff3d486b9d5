#include "harness/libvirt/hostdev.hpp"

#include <array>
#include <map>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/device/pci.hpp"

namespace migbench::libvirt {

namespace {

/// VFs have a driver of their own where they are not of their PF's kind (the kernel's drivers/net).
const std::map<std::string, std::string>& function_drivers() {
  static const std::map<std::string, std::string> all{
      {"igb", "igbvf"}, {"ixgbe", "ixgbevf"}, {"i40e", "iavf"}, {"ice", "iavf"}};
  return all;
}

/// The second half of a driver, for RDMA (drivers/infiniband/hw).
const std::map<std::string, std::vector<std::string>>& rdma_drivers() {
  static const std::map<std::string, std::vector<std::string>> all{
      {"mlx5_core", {"mlx5_ib"}}, {"mlx4_core", {"mlx4_en", "mlx4_ib"}},
      {"bnxt_en", {"bnxt_re"}},   {"ice", {"irdma"}},
      {"i40e", {"irdma"}},        {"iavf", {"irdma"}}};
  return all;
}

std::string guest_driver(const HostDevice& device) {
  if (device.is_function) {
    if (const auto own = function_drivers().find(device.driver); own != function_drivers().end())
      return own->second;
  }
  return device.driver;
}

std::string address_xml(const std::string& text) {
  const auto address = device::address_or_throw(text);
  return fmt::format("domain='{:#06x}' bus='{:#04x}' slot='{:#04x}' function='{:#x}'",
                     address.domain, address.bus, address.slot, address.function);
}

std::string source_xml(const HostDevice& device, const char* type) {
  return fmt::format("<source><address {}{}/></source>", type, address_xml(device.address));
}

// What the guest's shell runs. $1: MAC, or "infiniband"; $2: address; $3: "rxe" or "".
constexpr const char* kBringUp = R"sh(
find_device() {
  for link in /sys/class/net/*; do
    if [ "$1" = infiniband ]; then
      if [ "$(cat $link/type)" = 32 ]; then echo ${link##*/}; return; fi
    elif [ "$(cat $link/address)" = "$1" ] && [ -e $link/device ]; then
      echo ${link##*/}; return
    fi
  done
}
tries=0
while device=$(find_device "$1"); [ -z "$device" ]; do
  tries=$((tries + 1))
  if [ $tries -gt 100 ]; then echo "no interface of the device $1 appeared" >&2; exit 1; fi
  sleep 0.1
done
# RDMA does not wait for an address longer than a second: ask often.
for known in 10:retrans_time_ms 300:mcast_solicit; do
  echo ${known%:*} >/proc/sys/net/ipv4/neigh/$device/${known#*:}
done
ip link set dev $device up && ip address replace "$2" dev $device || exit 1
tries=0
while [ "$(cat /sys/class/net/$device/carrier)" != 1 ]; do
  tries=$((tries + 1))
  if [ $tries -gt 200 ]; then echo "$device has no link: is its cable, or its PF, up?" >&2; exit 1; fi
  sleep 0.1
done
if [ "$3" = rxe ]; then rdma link add rxe0 type rxe netdev $device || exit 1; fi
tries=0
until cat /sys/class/infiniband/*/ports/1/state | grep -q ACTIVE; do
  tries=$((tries + 1))
  if [ $tries -gt 200 ]; then
    echo "the RDMA device's port is $(cat /sys/class/infiniband/*/ports/1/state)" >&2; exit 1
  fi
  sleep 0.1
done
)sh";

// $1: MAC. Of two interfaces with it, the stand-in is virtio's.
constexpr const char* kFindPair = R"sh(
find_pair() {
  for link in /sys/class/net/*; do
    if [ "$(cat $link/address)" = "$1" ] && [ -e $link/device ]; then
      if grep -q DRIVER=virtio_net $link/device/uevent; then stand_in=${link##*/}
      else device=${link##*/}; fi
    fi
  done
}
wait_for_pair() {
  tries=0
  while device=; stand_in=; find_pair "$1"; [ -z "$device" ] || [ -z "$stand_in" ]; do
    tries=$((tries + 1))
    if [ $tries -gt 300 ]; then echo "device '$device', stand-in '$stand_in' after 30 s" >&2; exit 1; fi
    sleep 0.1
  done
}
join() { ip link set dev $1 down && ip link set dev $1 master bond0; }
)sh";

// $2: address, $3: "rxe" or "". bonding makes bond0 by itself when it is loaded.
constexpr const char* kBond = R"sh(
wait_for_pair "$1"
bond=/sys/class/net/bond0/bonding
echo active-backup >$bond/mode && echo 50 >$bond/miimon || exit 1
join $stand_in && join $device && echo $device >$bond/primary || exit 1
ip link set dev bond0 up && ip address replace "$2" dev bond0 || exit 1
tries=0
until [ "$(cat $bond/active_slave)" = $device ]; do
  tries=$((tries + 1))
  if [ $tries -gt 300 ]; then echo "$device did not become active" >&2; exit 1; fi
  sleep 0.1
done
if [ "$3" = rxe ]; then rdma link add rxe0 type rxe netdev bond0 || exit 1; fi
)sh";

constexpr const char* kRejoin = R"sh(
wait_for_pair "$1"
join $device && echo $device >/sys/class/net/bond0/bonding/primary || exit 1
tries=0
until [ "$(cat /sys/class/net/bond0/bonding/active_slave)" = $device ]; do
  tries=$((tries + 1))
  if [ $tries -gt 300 ]; then echo "$device did not become active again" >&2; exit 1; fi
  sleep 0.02
done
)sh";

}  // namespace

HostDevice host_device(const nlohmann::json& lent, const nlohmann::json& physical) {
  HostDevice device;
  try {
    device.address = lent.at("address").get<std::string>();
    device.is_function = physical.is_object();
    device.driver = (device.is_function ? physical : lent).at("driver").get<std::string>();
    device.mac = lent.value("mac", "");
    device.link_layer = lent.at("link_layer").get<std::string>();
  } catch (const nlohmann::json::exception& wrong) {
    throw Error(fmt::format("`migbench devices lend` answered what this version does not know: {}",
                            wrong.what()));
  }
  return device;
}

std::string hostdev_xml(const HostDevice& device, Attach attach) {
  // A card's boot ROM is of no use to a guest that boots its own kernel.
  if (attach == Attach::interface) {
    return fmt::format(
        "<interface type='hostdev' managed='yes'><mac address='{}'/>{}<alias name='{}'/>"
        "<rom bar='off'/></interface>",
        device.mac, source_xml(device, "type='pci' "), kDeviceAlias);
  }
  return fmt::format(
      "<hostdev mode='subsystem' type='pci' managed='yes'><driver name='vfio'/>{}"
      "<alias name='{}'/><rom bar='off'/></hostdev>",
      source_xml(device, ""), kDeviceAlias);
}

std::string stand_in_xml(const HostDevice& device, const std::string& bridge) {
  return fmt::format(
      "<interface type='bridge'><mac address='{}'/><source bridge='{}'/><model type='virtio'/>"
      "<rom enabled='no'/></interface>",
      device.mac, bridge);
}

std::string with_other_device(const std::string& xml, const std::string& address,
                              const std::string& other) {
  const std::string old = address_xml(address);
  // Outside of <source> the same numbers are the address that the guest sees.
  for (auto source = xml.find("<source>"); source != std::string::npos;
       source = xml.find("<source>", source + 1)) {
    const auto at = xml.find(old, source);
    if (at == std::string::npos || at > xml.find("</source>", source)) continue;
    return xml.substr(0, at) + address_xml(other) + xml.substr(at + old.size());
  }
  throw Error(fmt::format("the machine's definition does not have {}", address));
}

std::vector<std::string> guest_modules(const HostDevice& device) {
  const std::string driver = guest_driver(device);
  std::vector<std::string> modules;
  if (!driver.empty()) modules.push_back(driver);
  if (has_own_rdma(device)) {
    const auto& more = rdma_drivers().at(driver);
    modules.insert(modules.end(), more.begin(), more.end());
  } else {
    modules.emplace_back("rdma_rxe");
  }
  if (device.link_layer == "InfiniBand") modules.emplace_back("ib_ipoib");
  return modules;
}

bool has_own_rdma(const HostDevice& device) {
  return rdma_drivers().contains(guest_driver(device));
}

Command guest_bring_up(const HostDevice& device, const std::string& address) {
  const bool infiniband = device.link_layer == "InfiniBand";
  return {{"sh", "-c", kBringUp, "bring-up", infiniband ? "infiniband" : device.mac, address,
           has_own_rdma(device) ? "" : "rxe"}};
}

Command guest_bond(const HostDevice& device, const std::string& address) {
  return {{"sh", "-c", std::string(kFindPair) + kBond, "bond", device.mac, address,
           has_own_rdma(device) ? "" : "rxe"}};
}

Command guest_rejoin(const std::string& mac) {
  return {{"sh", "-c", std::string(kFindPair) + kRejoin, "rejoin", mac}};
}

}  // namespace migbench::libvirt
