// The network interface of a PCI device: a driver that comes back makes a new one, which has lost
// its name, its addresses and all else.
#include <thread>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/device/setting.hpp"

namespace migbench::device {

namespace {

using nlohmann::json;

std::string name_of_interface(const Kernel& kernel, const PciAddress& address) {
  const auto names = kernel.names_in(path_of(address, "net"));
  return names.empty() ? "" : names.front();
}

/// A driver registers its interface some time after it was bound; firmware may have to start first.
std::string wait_for_interface(const Kernel& kernel, const PciAddress& address) {
  const std::int64_t deadline = deadline_now_ns() + kernel.patience().count();
  for (;;) {
    if (auto name = name_of_interface(kernel, address); !name.empty()) return name;
    const std::string driver = kernel.link_name(path_of(address, "driver"));
    if (driver.empty() || driver == "vfio-pci" || deadline_now_ns() > deadline) {
      throw Error(
          fmt::format("{} (driver '{}') has no network interface", to_string(address), driver));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

json link_of(const Kernel& kernel, const std::string& name) {
  const json links = kernel.ask({"ip", "-json", "address", "show", "dev", name});
  if (!links.is_array() || links.empty() || !links[0].is_object())
    throw Error(fmt::format("ip does not say how {} is configured", name));
  return links[0];
}

bool is_up(const json& link) {
  const json flags = link.value("flags", json::array());
  return std::find(flags.begin(), flags.end(), "UP") != flags.end();
}

/// Those that somebody gave it; the kernel makes the link's own.
json addresses_of(const json& link) {
  json list = json::array();
  for (const json& address : link.value("addr_info", json::array())) {
    if (address.value("scope", "") == "link" || !address.contains("local")) continue;
    list.push_back(fmt::format("{}/{}", address.at("local").get<std::string>(),
                               address.value("prefixlen", 0)));
  }
  return list;
}

/// Those that somebody gave it: "kernel" ones come with the addresses.
json routes_of(const Kernel& kernel, const std::string& name) {
  json list = json::array();
  for (const char* family : {"-4", "-6"}) {
    const json routes = kernel.ask({"ip", "-json", family, "route", "show", "dev", name});
    if (!routes.is_array()) continue;
    for (const json& route : routes) {
      if (route.value("protocol", "") == "kernel") continue;
      json kept{{"family", family}, {"dst", route.value("dst", "default")}};
      for (const char* part : {"gateway", "prefsrc", "metric", "scope"})
        if (route.contains(part)) kept[part] = route[part];
      list.push_back(kept);
    }
  }
  return list;
}

void add_route(const Kernel& kernel, const std::string& name, const json& route) {
  std::vector<std::string> line{"ip", route.at("family").get<std::string>(), "route", "replace",
                                route.at("dst").get<std::string>()};
  const auto add = [&](const char* option, const char* part) {
    if (!route.contains(part)) return;
    const json& value = route[part];
    line.insert(line.end(), {option, value.is_string() ? value.get<std::string>() : value.dump()});
  };
  add("via", "gateway");
  add("src", "prefsrc");
  add("metric", "metric");
  add("scope", "scope");
  line.insert(line.end(), {"dev", name});
  kernel.tell(line);
}

/// Where another interface has the name, this one goes out of its way, since both may want the
/// other's, and throws: it can be tried again when the other has been renamed.
void rename(const Kernel& kernel, const PciAddress& address, const std::string& from,
            const std::string& to) {
  const bool taken = kernel.exists("class/net/" + to);
  const std::string aside = fmt::format("mb{:04x}{:02x}{:02x}{:x}", address.domain, address.bus,
                                        address.slot, address.function);
  if (!taken || from != aside) {
    kernel.tell({"ip", "link", "set", "dev", from, "down"});
    kernel.tell({"ip", "link", "set", "dev", from, "name", taken ? aside : to});
  }
  if (taken) throw Error(fmt::format("another interface has the name {} now", to));
}

}  // namespace

std::optional<json> current_netdev(const Kernel& kernel, const std::string& address) {
  const PciAddress device = address_or_throw(address);
  if (!kernel.exists(path_of(device))) return std::nullopt;
  const std::string name = name_of_interface(kernel, device);
  if (name.empty()) return json{{"name", ""}};
  const json link = link_of(kernel, name);
  return json{{"name", name},
              {"up", is_up(link)},
              {"mtu", link.value("mtu", 1500)},
              {"master", link.value("master", "")},
              {"addresses", addresses_of(link)},
              {"routes", routes_of(kernel, name)}};
}

void set_netdev(Kernel& kernel, const std::string& address, const json& value) {
  const PciAddress device = address_or_throw(address);
  if (value.value("name", "-").empty()) return;  // there was none to restore
  std::string name = wait_for_interface(kernel, device);
  if (const auto wanted = value.value("name", name); wanted != name) {
    rename(kernel, device, name, wanted);
    name = wanted;
  }
  const json now = *current_netdev(kernel, address);
  const auto differs = [&](const char* part) {
    return value.contains(part) && value[part] != now.at(part);
  };
  if (differs("mtu")) kernel.tell({"ip", "link", "set", "dev", name, "mtu", value["mtu"].dump()});
  if (differs("master")) {
    const auto master = value["master"].get<std::string>();
    if (master.empty()) {
      kernel.tell({"ip", "link", "set", "dev", name, "nomaster"});
    } else {
      kernel.tell({"ip", "link", "set", "dev", name, "master", master});
    }
  }
  if (differs("up")) {
    kernel.tell({"ip", "link", "set", "dev", name, value["up"].get<bool>() ? "up" : "down"});
  }
  if (differs("addresses")) {
    for (const json& one : value["addresses"])
      kernel.tell({"ip", "address", "replace", one.get<std::string>(), "dev", name});
  }
  if (differs("routes")) {
    for (const json& route : value["routes"])
      add_route(kernel, name, route);
  }
}

}  // namespace migbench::device
