// What a device is, and its counters: from sysfs, where the kernel says more than the verbs do.
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/verbs/device.hpp"

namespace migbench::verbs {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path directory_of(const Port& port) {
  return fs::path("/sys/class/infiniband") / port.device();
}

json line_of(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  return std::getline(file, line) ? json(line) : json();
}

json link_name(const fs::path& path) {
  std::error_code failed;
  const fs::path target = fs::canonical(path, failed);
  return failed ? json() : json(target.filename().string());
}

json rate_of(const Port& port) {
  const json rate = line_of(directory_of(port) / "ports" / std::to_string(port.number) / "rate");
  if (!rate.is_string()) return nullptr;
  try {
    return std::stod(rate.get<std::string>());  // "56 Gb/sec (4X FDR)"
  } catch (const std::exception&) {
    return nullptr;
  }
}

/// Devices without hardware stand in sysfs below "virtual"; only the name tells rxe from siw.
json emulated(const Port& port) {
  std::error_code failed;
  const fs::path real = fs::canonical(directory_of(port), failed);
  if (failed || real.string().find("/devices/virtual/") == std::string::npos) return nullptr;
  return port.device().rfind("siw", 0) == 0 ? "software iWARP" : "soft-RoCE";
}

json gid_facts(const Port& port) {
  if (!port.global) return {{"gid", nullptr}, {"gid_index", nullptr}, {"gid_type", nullptr}};
  const fs::path attributes =
      directory_of(port) / "ports" / std::to_string(port.number) / "gid_attrs";
  return {{"gid", port.gid.text()},
          {"gid_index", port.gid.index},
          {"gid_type", port.gid.type},
          {"netdev", line_of(attributes / "ndevs" / std::to_string(port.gid.index))}};
}

}  // namespace

json describe(const Port& port) {
  const fs::path device = directory_of(port) / "device";
  ibv_device_attr attributes{};
  const bool known = ::ibv_query_device(port.context, &attributes) == 0;
  const bool ethernet = port.attributes.link_layer == IBV_LINK_LAYER_ETHERNET;
  json facts{{"name", port.device()},
             {"port", port.number},
             {"driver", link_name(device / "driver")},
             {"pci", fs::exists(device / "vendor") ? link_name(device) : json()},
             {"virtual_function", fs::exists(device / "physfn")},
             {"emulated", emulated(port)},
             {"node_guid", line_of(directory_of(port) / "node_guid")},
             {"link_layer", ethernet ? "Ethernet" : "InfiniBand"},
             {"state", ::ibv_port_state_str(port.attributes.state)},
             {"active_mtu", mtu_bytes(port.attributes.active_mtu)},
             {"rate_gbps", rate_of(port)},
             {"lid", port.attributes.lid},
             {"firmware", known ? json(attributes.fw_ver) : json()},
             {"vendor_id", known ? json(fmt::format("{:#06x}", attributes.vendor_id)) : json()},
             {"part_id", known ? json(attributes.vendor_part_id) : json()}};
  facts.update(gid_facts(port));
  return facts;
}

json read_counters(const Port& port) {
  json counters = json::object();
  const fs::path place = directory_of(port) / "ports" / std::to_string(port.number);
  for (const char* group : {"counters", "hw_counters"}) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(place / group, failed)) {
      std::ifstream file(entry.path());
      std::int64_t value = 0;
      if (entry.path().filename() != "lifespan" && file >> value)
        counters[entry.path().filename().string()] = value;
    }
  }
  return counters;
}

json counter_changes(const json& before, const json& after) {
  json changes = json::object();
  for (const auto& [name, value] : after.items()) {
    const auto change = value.get<std::int64_t>() - before.value(name, std::int64_t{0});
    if (change != 0) changes[name] = change;
  }
  return changes;
}

}  // namespace migbench::verbs
