#include "harness/guest/programs/init_settings.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

namespace migbench::guest {

namespace {

// "eth0:10.77.0.41/24" or "eth1:"
InterfaceSettings parse_interface(const std::string& text) {
  InterfaceSettings interface;
  const auto colon = text.find(':');
  interface.device = text.substr(0, colon);
  const std::string address = colon == std::string::npos ? "" : text.substr(colon + 1);
  const auto slash = address.find('/');
  interface.address = address.substr(0, slash);
  if (slash != std::string::npos) interface.prefix = std::stoi(address.substr(slash + 1));
  return interface;
}

void read_command_line(Settings& settings) {
  std::ifstream words("/proc/cmdline");
  for (std::string word; words >> word;) {
    const auto value = [&](const std::string& key) {
      return word.rfind(key, 0) == 0 ? word.substr(key.size()) : std::string();
    };
    if (const auto name = value("migbench.name="); !name.empty()) settings.name = name;
    if (const auto port = value("migbench.port="); !port.empty())
      settings.port = static_cast<std::uint16_t>(std::stoul(port));
    if (const auto gateway = value("migbench.gateway="); !gateway.empty())
      settings.gateway = gateway;
    if (const auto net = value("migbench.net="); !net.empty())
      settings.interfaces.push_back(parse_interface(net));
  }
}

}  // namespace

std::runtime_error failure(const std::string& tried) {
  return std::runtime_error(tried + ": " + std::strerror(errno));
}

Settings read_settings() {
  Settings settings;
  read_command_line(settings);
  std::ifstream file("/etc/migbench-guest.json");
  const nlohmann::json given = nlohmann::json::parse(file);
  settings.modules = given.at("modules").get<std::vector<std::string>>();
  settings.root_share = given.at("root_share").get<std::string>();
  settings.root_overlay = given.at("root_overlay").get<bool>();
  for (const auto& share : given.at("shares")) {
    settings.shares.push_back({share.at("tag"), share.at("path"), share.at("read_only")});
  }
  return settings;
}

}  // namespace migbench::guest
