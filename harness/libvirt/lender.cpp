#include "harness/libvirt/lender.hpp"

#include <map>
#include <regex>
#include <sstream>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "harness/device/pci.hpp"
#include "harness/libvirt/parameter.hpp"
#include "harness/programs.hpp"

namespace migbench::libvirt {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

constexpr Nanoseconds kLendDeadline = std::chrono::seconds(90);
/// A card's firmware may need a second for each VF to go.
constexpr Nanoseconds kGiveBack = std::chrono::seconds(60);

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream list(text);
  for (std::string part; std::getline(list, part, ',');)
    parts.push_back(part);
  return parts;
}

/// On the machine itself for virtual nodes: in a node's network namespace its cards are not to be
/// seen.
Process start(const Site& site, const Node& node, const LendSettings& settings,
              const fs::path& facts) {
  const fs::path own = look_for_program("migbench");
  Command command{{own.empty() ? "migbench" : own.string(), "devices", "lend", "--mode",
                   settings.mode, "--pci", settings.pci, "--facts", facts.string()}};
  const auto add = [&](std::initializer_list<std::string> words) {
    command.argv.insert(command.argv.end(), words);
  };
  if (settings.mode == "sriov") add({"--count", std::to_string(settings.functions)});
  if (!settings.eswitch.empty()) add({"--eswitch", settings.eswitch});
  if (settings.trust) add({"--trust"});
  if (settings.allow_in_use) add({"--allow-in-use"});
  ProcessOptions options;
  options.grace = kGiveBack;
  return site.kind() == "local" ? Process::start(command, options) : node.start(command, options);
}

json wait_for_facts(Process& process, const Site& site, const Node& node, const fs::path& facts) {
  if (!process.wait_for_output("lent", kLendDeadline)) {
    const Finished ended = process.wait(std::chrono::seconds(5));
    throw Error(fmt::format("no device can be lent on {}: {}", node.name(), describe(ended)));
  }
  if (site.kind() != "local") node.copy_from(facts, facts);
  json document = read_json(facts);
  std::error_code ignored;
  fs::remove(facts, ignored);
  return document;
}

fs::path facts_file(const Site& site) {
  static std::mutex mutex;
  static int count = 0;
  const std::lock_guard lock(mutex);
  return site.scratch() / fmt::format("lent-{}.json", count++);
}

}  // namespace

std::vector<std::string_view> lend_parameters(std::string_view mode) {
  std::vector<std::string_view> names{"pci", "allow_in_use", "device_network", "guest_modules"};
  if (mode == "sriov") names.insert(names.end(), {"vfs", "vf_trust", "eswitch", "failover"});
  return names;
}

LendSettings lend_settings(const json& parameters, std::string_view mode) {
  LendSettings settings;
  settings.mode = mode;
  const auto given = [&](const char* name) { return parameters.contains(name); };
  if (given("pci")) settings.pci = typed<std::string>(parameters["pci"], "pci");
  if (settings.pci != "auto") {
    for (const std::string& address : parts_of(settings.pci)) {
      if (!device::parse_address(address))
        throw InputError(
            fmt::format("parameter 'pci': '{}' is no PCI address like 0000:3b:00.1", address));
    }
  }
  if (given("vfs")) settings.functions = whole_number(parameters["vfs"], "vfs", 1, 256);
  if (given("allow_in_use"))
    settings.allow_in_use = typed<bool>(parameters["allow_in_use"], "allow_in_use");
  if (given("vf_trust")) settings.trust = typed<bool>(parameters["vf_trust"], "vf_trust");
  if (given("failover")) settings.failover = typed<bool>(parameters["failover"], "failover");
  if (given("eswitch")) settings.eswitch = typed<std::string>(parameters["eswitch"], "eswitch");
  if (!settings.eswitch.empty() && settings.eswitch != "legacy" && settings.eswitch != "switchdev")
    throw InputError(
        fmt::format("parameter 'eswitch': '{}' is none of legacy, switchdev", settings.eswitch));
  if (given("guest_modules"))
    settings.modules = parts_of(typed<std::string>(parameters["guest_modules"], "guest_modules"));
  if (given("device_network"))
    settings.network = typed<std::string>(parameters["device_network"], "device_network");
  static const std::regex network("([0-9]{1,3}\\.){2}[0-9]{1,3}");
  if (!std::regex_match(settings.network, network))
    throw InputError(
        fmt::format("parameter 'device_network': '{}' is no start of an IPv4 address like 10.78.0",
                    settings.network));
  return settings;
}

Lender::Lender(const Site& site, const Node& node, const LendSettings& settings)
    : process_([&] {
        const fs::path file = facts_file(site);
        Process process = start(site, node, settings, file);
        facts_ = wait_for_facts(process, site, node, file);
        return process;
      }()) {
  for (const json& lent : facts_.at("devices"))
    free_.push_back(host_device(lent, facts_.at("physical")));
}

std::shared_ptr<Lender> Lender::of(const Site& site, const Node& node,
                                   const LendSettings& settings) {
  if (settings.mode != "sriov") return std::make_shared<Lender>(site, node, settings);
  struct Known {
    LendSettings settings;
    std::weak_ptr<Lender> lender;
  };
  struct Shared {
    std::mutex mutex{};  // lending takes seconds, which other machines need not wait for
    std::vector<Known> known{};
  };
  static std::mutex mutex;
  static std::map<std::pair<const Site*, const Node*>, Shared> all;
  Shared& machine = [&]() -> Shared& {
    const std::lock_guard lock(mutex);
    return all[{&site, site.kind() == "local" ? nullptr : &node}];
  }();
  const std::lock_guard lock(machine.mutex);
  std::erase_if(machine.known, [](const Known& known) { return known.lender.expired(); });
  for (const Known& known : machine.known) {
    if (!(known.settings == settings)) continue;
    if (auto lender = known.lender.lock()) return lender;
  }
  auto lender = std::make_shared<Lender>(site, node, settings);
  machine.known.push_back({settings, lender});
  return lender;
}

std::shared_ptr<const HostDevice> Lender::take(const std::shared_ptr<Lender>& lender) {
  const std::lock_guard lock(lender->mutex_);
  if (lender->free_.empty())
    throw Error("all VFs that were made are in use: raise the parameter 'vfs'");
  const HostDevice device = lender->free_.front();
  lender->free_.erase(lender->free_.begin());
  return {new HostDevice(device), [lender](const HostDevice* given) {
            const std::lock_guard back(lender->mutex_);
            lender->free_.push_back(*given);
            delete given;
          }};
}

}  // namespace migbench::libvirt
