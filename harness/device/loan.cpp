#include "harness/device/loan.hpp"

#include <array>
#include <thread>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"

namespace migbench::device {

namespace {

using nlohmann::json;

/// Firmware may take a second for each VF.
constexpr Nanoseconds kVfsAppear = std::chrono::seconds(60);

/// The hexadecimal digits of a MAC or a GUID, in bytes. Throws Error.
template <std::size_t count>
std::array<unsigned, count> bytes_of(const std::string& text) {
  std::string digits;
  for (const char letter : text)
    if (letter != ':') digits += letter;
  if (digits.size() != 2 * count ||
      digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
    throw Error(fmt::format("'{}' is no address of {} bytes", text, count));
  std::array<unsigned, count> bytes{};
  for (std::size_t i = 0; i < count; ++i)
    bytes[i] = static_cast<unsigned>(std::stoul(digits.substr(2 * i, 2), nullptr, 16));
  return bytes;
}

template <std::size_t count>
std::string with_colons(const std::array<unsigned, count>& bytes) {
  std::string text;
  for (const unsigned byte : bytes)
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", byte);
  return text;
}

PciDevice look_again(const Kernel& kernel, const PciAddress& address) {
  if (auto device = find_device(kernel, address)) return *device;
  throw Error(fmt::format("{} is gone", to_string(address)));
}

PciDevice wait_for_functions(const Kernel& kernel, const PciAddress& address, int count) {
  const std::int64_t deadline = deadline_now_ns() + kVfsAppear.count();
  for (;;) {
    PciDevice device = look_again(kernel, address);
    if (device.sriov && static_cast<int>(device.sriov->functions.size()) == count) return device;
    if (deadline_now_ns() > deadline)
      throw Error(fmt::format("{} did not make {} VFs within {}", to_string(address), count,
                              format_duration(kVfsAppear)));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::vector<PciDevice> choose(const Kernel& kernel, const LoanRequest& request,
                              const std::vector<std::filesystem::path>& journals) {
  const bool whole = request.lending == Lending::whole;
  const Wish wish{request.lending, whole ? 1 : request.count, request.allow_in_use,
                  held_subjects(journals)};
  const auto count = static_cast<std::size_t>(whole ? request.count : 1);
  const Suitable suitable = suitable_devices(kernel, request.wanted, count, wish);
  if (suitable.missing) {
    throw Error(fmt::format("{} cannot be had: {}; {}", name_of(request.lending),
                            suitable.missing->reason, suitable.missing->remedy));
  }
  return suitable.devices;
}

}  // namespace

std::string mac_of_function(const std::string& physical_mac, int number) {
  auto bytes = bytes_of<6>(physical_mac);
  bytes[0] = 0x02;
  bytes[1] = static_cast<unsigned>(number) & 0xffU;
  return with_colons(bytes);
}

std::string guid_of_function(const std::string& physical_guid, int number, int part) {
  auto bytes = bytes_of<8>(physical_guid);
  bytes[0] |= 0x02U;
  bytes[3] = 0x6dU + static_cast<unsigned>(part);
  bytes[4] = static_cast<unsigned>(number) & 0xffU;
  return with_colons(bytes);
}

Loan::Loan(Kernel& kernel, const LoanRequest& request,
           const std::vector<std::filesystem::path>& journals)
    : kernel_(kernel), request_(request) {
  std::string trouble;
  const Repaired left = repair(kernel, journals, [&](const std::string& line) { trouble = line; });
  if (left.failed > 0) {
    throw Error(fmt::format(
        "an earlier run left devices changed, and that cannot be undone: {}; see `migbench repair`",
        trouble));
  }
  const UniqueFd alone = lock_directory(journals.front());
  const auto chosen = choose(kernel, request, journals);
  journal_ = std::make_unique<Journal>(kernel, journals.front());
  if (request.lending == Lending::whole) {
    lend_whole(chosen);
  } else {
    lend_functions(chosen.front());
  }
}

/// libvirt takes it from its driver and gives it back (managed='yes'); the journal is for when it
/// cannot. Undone from the last: the override goes before a driver can come back, the interface is
/// there when it has.
void Loan::lend_whole(const std::vector<PciDevice>& devices) {
  for (const PciDevice& device : devices) {
    const std::string address = to_string(device.address);
    journal_->note({"netdev", address});
    journal_->note({"driver", address});
    journal_->note({"attribute", path_of(device.address, "driver_override")});
    Lent lent{device};
    if (device.link_layer == "Ethernet" && !device.netdevs.empty())
      lent.mac = kernel_.read(path_of(device.address, "net/" + device.netdevs[0] + "/address"))
                     .value_or("");
    devices_.push_back(std::move(lent));
  }
}

void Loan::lend_functions(const PciDevice& physical) {
  const std::string address = to_string(physical.address);
  physical_ = describe(physical);
  if (!request_.eswitch.empty()) journal_->change({"eswitch", address}, request_.eswitch);
  // A VF that no driver of this machine has taken need not be taken from it; and an InfiniBand VF's
  // driver reads its GUIDs when it starts, so it must not start before they are set.
  journal_->change({"attribute", path_of(physical.address, "sriov_drivers_autoprobe")}, "0");
  if (!physical.netdevs.empty()) journal_->change({"netdev", address}, {{"up", true}});
  journal_->change({"attribute", path_of(physical.address, "sriov_numvfs")},
                   std::to_string(request_.count));
  const PciDevice split = wait_for_functions(kernel_, physical.address, request_.count);
  for (int i = 0; i < request_.count; ++i)
    name_function(split, i);
  const auto checks = preflight(kernel_, split, {Lending::functions, request_.count, true, {}});
  for (const Check& check : checks) {
    if (check.name == "group" && !check.passed)
      throw Error(fmt::format("{}: {}; {}", address, check.found, check.remedy));
  }
}

void Loan::name_function(const PciDevice& physical, int number) {
  Lent lent{look_again(kernel_, physical.sriov->functions.at(static_cast<std::size_t>(number)))};
  lent.function = number;
  lent.device.link_layer = physical.link_layer;
  const Setting vf{"vf", vf_subject(physical.address, number)};
  if (physical.link_layer == "InfiniBand") {
    const auto guid = kernel_.read(path_of(
        physical.address, fmt::format("infiniband/{}/node_guid", physical.infiniband.at(0))));
    if (!guid) throw Error(to_string(physical.address) + ": its node GUID cannot be read");
    lent.node_guid = guid_of_function(*guid, number, 0);
    lent.port_guid = guid_of_function(*guid, number, 1);
    // NVIDIA's driver has files for them, the kernel's own takes them by netlink.
    const std::string files = path_of(physical.address, fmt::format("sriov/{}", number));
    if (kernel_.exists(files + "/node")) {
      journal_->change({"attribute", files + "/node"}, lent.node_guid);
      journal_->change({"attribute", files + "/port"}, lent.port_guid);
      journal_->change({"attribute", files + "/policy"}, "Follow");
    } else {
      journal_->change(
          vf, {{"node_guid", lent.node_guid}, {"port_guid", lent.port_guid}, {"state", "auto"}});
    }
  } else if (!physical.netdevs.empty()) {
    const auto mac =
        kernel_.read(path_of(physical.address, fmt::format("net/{}/address", physical.netdevs[0])));
    if (!mac) throw Error(physical.netdevs[0] + ": its MAC cannot be read");
    lent.mac = mac_of_function(*mac, number);
    json wanted{{"mac", lent.mac}};
    if (request_.trust) wanted["trust"] = true;
    journal_->change(vf, wanted);
  }
  devices_.push_back(std::move(lent));
}

json Loan::facts() const {
  json list = json::array();
  for (const Lent& lent : devices_) {
    json one = describe(lent.device);
    for (const auto& [name, value] :
         {std::pair{"mac", lent.mac}, {"node_guid", lent.node_guid}, {"port_guid", lent.port_guid}})
      if (!value.empty()) one[name] = value;
    if (lent.function >= 0) one["function"] = lent.function;
    list.push_back(std::move(one));
  }
  return {{"lending", name_of(request_.lending)}, {"physical", physical_}, {"devices", list}};
}

}  // namespace migbench::device
