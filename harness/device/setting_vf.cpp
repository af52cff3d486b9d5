// What a PF's driver keeps of each VF: MAC, VLAN, whether it may send from other addresses, the
// state of its link; for InfiniBand its GUIDs.
#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/device/setting.hpp"

namespace migbench::device {

namespace {

using nlohmann::json;

struct Subject {
  PciAddress physical;
  int function = 0;
};

Subject parse(const std::string& text) {
  const auto slash = text.find('/');
  const std::string number = slash == std::string::npos ? "" : text.substr(slash + 1);
  if (number.empty() || number.size() > 4 ||
      number.find_first_not_of("0123456789") != std::string::npos)
    throw InputError(fmt::format("'{}' is no VF like 0000:3b:00.0/2", text));
  return {address_or_throw(text.substr(0, slash)), std::stoi(number)};
}

std::string interface_of(const Kernel& kernel, const PciAddress& physical) {
  const auto names = kernel.names_in(path_of(physical, "net"));
  return names.empty() ? "" : names.front();
}

/// iproute2's names have changed over the years.
json first_of(const json& info, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (info.contains(name)) return info[name];
  return nullptr;
}

json read_info(const json& info) {
  json value = json::object();
  const auto keep = [&](const char* ours, std::initializer_list<const char*> theirs) {
    if (json found = first_of(info, theirs); !found.is_null()) value[ours] = std::move(found);
  };
  keep("mac", {"address", "mac"});
  keep("spoofchk", {"spoofchk"});
  keep("trust", {"trust"});
  keep("state", {"link_state"});
  keep("node_guid", {"node_guid", "node guid"});
  keep("port_guid", {"port_guid", "port guid"});
  value["vlan"] = info.value("vlan", 0);
  value["qos"] = info.value("qos", 0);
  const json vlans = info.value("vlan_list", json::array());
  if (vlans.is_array() && !vlans.empty() && vlans[0].is_object()) {
    value["vlan"] = vlans[0].value("vlan", 0);
    value["qos"] = vlans[0].value("qos", 0);
  }
  return value;
}

std::string text_of(const json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "on" : "off";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

std::optional<json> current_vf(const Kernel& kernel, const std::string& text) {
  const Subject subject = parse(text);
  const std::string interface = interface_of(kernel, subject.physical);
  if (interface.empty()) return std::nullopt;
  const json links = kernel.ask({"ip", "-json", "-details", "link", "show", "dev", interface});
  if (!links.is_array() || links.empty()) return std::nullopt;
  for (const json& info : links[0].value("vfinfo_list", json::array())) {
    if (info.value("vf", -1) == subject.function) return read_info(info);
  }
  return std::nullopt;
}

void set_vf(Kernel& kernel, const std::string& text, const json& value) {
  const Subject subject = parse(text);
  const std::string interface = interface_of(kernel, subject.physical);
  const json now = *current_vf(kernel, text);
  // One command each: a driver refuses the whole of one that has a part it does not know.
  const auto change = [&](const char* name, const std::vector<std::string>& words) {
    if (!value.contains(name) || now.value(name, json()) == value[name]) return;
    std::vector<std::string> line{
        "ip", "link", "set", "dev", interface, "vf", std::to_string(subject.function)};
    line.insert(line.end(), words.begin(), words.end());
    kernel.tell(line);
  };
  const auto word = [&](const char* name) { return text_of(value.value(name, json(""))); };
  change("mac", {"mac", word("mac")});
  // QoS goes with the VLAN: it cannot be set alone.
  const std::vector<std::string> vlan{"vlan", text_of(value.value("vlan", json(0))), "qos",
                                      text_of(value.value("qos", json(0)))};
  change(now.value("vlan", json()) != value.value("vlan", json()) ? "vlan" : "qos", vlan);
  change("spoofchk", {"spoofchk", word("spoofchk")});
  change("trust", {"trust", word("trust")});
  change("state", {"state", word("state")});
  change("node_guid", {"node_guid", word("node_guid")});
  change("port_guid", {"port_guid", word("port_guid")});
}

}  // namespace migbench::device
