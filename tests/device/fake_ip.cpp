// `ip` and `devlink` of the fake machine.
#include <algorithm>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "tests/device/fake_machine.hpp"

namespace migbench::testing {

namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

bool starts(const Words& words, const Words& with) {
  return words.size() >= with.size() && std::equal(with.begin(), with.end(), words.begin());
}

std::string after(const Words& words, const std::string& word) {
  const auto found = std::find(words.begin(), words.end(), word);
  return found == words.end() || found + 1 == words.end() ? "" : *(found + 1);
}

Finished said(const json& answer) {
  Finished finished;
  finished.out = answer.is_null() ? "" : answer.dump();
  return finished;
}

Finished failed(const Words& words, const std::string& why) {
  Finished finished;
  finished.command.argv = words;
  finished.status = 2;
  finished.err = why;
  return finished;
}

void set_vf(json& vf, const Words& words) {
  const auto set = [&](const char* option, const char* member) {
    if (const std::string value = after(words, option); !value.empty()) vf[member] = value;
  };
  set("mac", "address");
  set("state", "link_state");
  set("node_guid", "node_guid");
  set("port_guid", "port_guid");
  for (const char* flag : {"trust", "spoofchk"})
    if (const std::string value = after(words, flag); !value.empty()) vf[flag] = value == "on";
}

void set_up(json& link, bool up) {
  json flags = json::array({"BROADCAST"});
  if (up) flags.push_back("UP");
  link["flags"] = flags;
}

}  // namespace

Finished FakeMachine::run(const Words& words) const {
  json all = state();
  const std::string name = after(words, "dev");
  json& links = all["links"];
  if (words[0] == "devlink") {
    const std::string handle = words.back() == "show" ? "" : after(words, "set");
    if (handle.empty()) {
      if (!all["eswitch"].contains(words.back())) return failed(words, "Operation not supported");
      return said({{"dev", {{words.back(), {{"mode", all["eswitch"][words.back()]}}}}}});
    }
    step();
    all["eswitch"][handle] = words.back();
    keep(all);
    step();
    return said(nullptr);
  }
  if (!links.contains(name)) return failed(words, "Cannot find device \"" + name + "\"");
  if (std::find(words.begin(), words.end(), "-json") != words.end()) {
    if (std::find(words.begin(), words.end(), "route") != words.end()) {
      const bool has = all.value("default_route", "") == name && words[2] == "-4";
      return said(has ? json::array({{{"dst", "default"}, {"gateway", "192.0.2.1"}}})
                      : json::array());
    }
    json link = links[name];
    link["ifname"] = name;
    for (const auto& [address, vfs] : all["vfs"].items())
      if (exists("bus/pci/devices/" + address + "/net/" + name)) link["vfinfo_list"] = vfs;
    return said(json::array({link}));
  }
  step();
  if (starts(words, {"ip", "link", "set"})) {
    if (const std::string to = after(words, "name"); !to.empty()) {
      links[to] = links[name];
      links.erase(name);
      const auto target = std::filesystem::read_symlink(sys() / "class/net" / name);
      std::filesystem::remove(sys() / "class/net" / name);
      std::filesystem::rename(target, target.parent_path() / to);
      std::filesystem::create_symlink(target.parent_path() / to, sys() / "class/net" / to);
    } else if (const std::string number = after(words, "vf"); !number.empty()) {
      for (const auto& [address, vfs] : all["vfs"].items()) {
        if (!exists("bus/pci/devices/" + address + "/net/" + name)) continue;
        for (json& vf : all["vfs"][address])
          if (vf["vf"] == std::stoi(number)) set_vf(vf, words);
      }
    } else if (words.back() == "up" || words.back() == "down") {
      set_up(links[name], words.back() == "up");
    } else if (const std::string mtu = after(words, "mtu"); !mtu.empty()) {
      links[name]["mtu"] = std::stoi(mtu);
    }
  } else if (starts(words, {"ip", "address", "replace"})) {
    const auto slash = words[3].find('/');
    links[name]["addr_info"].push_back({{"local", words[3].substr(0, slash)},
                                        {"prefixlen", std::stoi(words[3].substr(slash + 1))},
                                        {"scope", "global"}});
  } else {
    return failed(words, "the fake machine does not know this command");
  }
  keep(all);
  step();
  return said(nullptr);
}

}  // namespace migbench::testing
