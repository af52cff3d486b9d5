#include "harness/libvirt/settings.hpp"

#include <array>
#include <sstream>

#include <fmt/format.h>

#include "harness/libvirt/parameter.hpp"

namespace migbench::libvirt {

namespace {

using nlohmann::json;

constexpr Bytes kLeastMemory{96UL << 20U};  // what the kernel and the initramfs need to come up

struct MachineParameter {
  const char* name;
  void (*read)(const json& value, const std::string& name, MachineSettings& settings);
};

void read_memory(const json& value, const std::string& name, MachineSettings& settings) {
  settings.memory = size(value, name);
  if (settings.memory < kLeastMemory) {
    throw InputError(fmt::format("parameter 'guest_memory': {} is too little, a guest needs {}",
                                 text_of(value), format_bytes(kLeastMemory)));
  }
}

void read_acceleration(const json& value, const std::string& name, MachineSettings& settings) {
  settings.acceleration = typed<std::string>(value, name);
  for (const char* known : {"auto", "kvm", "tcg"}) {
    if (settings.acceleration == known) return;
  }
  throw InputError(fmt::format("parameter '{}': {} is none of auto, kvm, tcg", name, value.dump()));
}

void read_libvirt(const json& value, const std::string& name, MachineSettings& settings) {
  settings.libvirt = typed<std::string>(value, name);
  if (settings.libvirt == "system") settings.libvirt.clear();
  if (settings.libvirt.empty() || settings.libvirt == "newer" || settings.libvirt.front() == '/')
    return;
  throw InputError(fmt::format(
      "parameter '{}': {} is none of system, newer (as scripts/newer_libvirt.sh fetches it), and "
      "no absolute path of a directory like the one that it makes",
      name, value.dump()));
}

/// "a,b": in a plan a list would be a sweep.
std::vector<std::string> parts_of(const json& value) {
  std::vector<std::string> parts;
  std::istringstream text(text_of(value));
  for (std::string part; std::getline(text, part, ',');)
    parts.push_back(part);
  return parts;
}

void read_programs(const json& value, const std::string& /*name*/, MachineSettings& settings) {
  for (const std::string& program : parts_of(value))
    settings.programs.emplace_back(program);
}

void read_pin(const json& value, const std::string& name, MachineSettings& settings) {
  for (const std::string& part : parts_of(value))
    settings.pin.push_back(whole_number(json::parse(part, nullptr, false), name, 0, 1 << 16));
}

constexpr std::array kMachineParameters{
    MachineParameter{"guest_memory", read_memory},
    MachineParameter{"vcpus",
                     [](const json& value, const std::string& name, MachineSettings& s) {
                       s.vcpus = whole_number(value, name, 1, 1024);
                     }},
    MachineParameter{"cpu", [](const json& value, const std::string& name,
                               MachineSettings& s) { s.cpu = typed<std::string>(value, name); }},
    MachineParameter{"machine",
                     [](const json& value, const std::string& name, MachineSettings& s) {
                       s.machine = typed<std::string>(value, name);
                     }},
    MachineParameter{"pin", read_pin},
    MachineParameter{"huge_pages", [](const json& value, const std::string& name,
                                      MachineSettings& s) { s.huge_pages = size(value, name); }},
    MachineParameter{"nics", [](const json& value, const std::string& name,
                                MachineSettings& s) { s.nics = whole_number(value, name, 1, 8); }},
    MachineParameter{"bridge",
                     [](const json& value, const std::string& name, MachineSettings& s) {
                       s.bridge = typed<std::string>(value, name);
                     }},
    MachineParameter{"template",
                     [](const json& value, const std::string& name, MachineSettings& s) {
                       s.from_template = typed<std::string>(value, name);
                     }},
    MachineParameter{"programs", read_programs},
    MachineParameter{"kernel_options",
                     [](const json& value, const std::string& name, MachineSettings& s) {
                       s.kernel_options = typed<std::string>(value, name);
                     }},
    MachineParameter{"image",
                     [](const json& value, const std::string& name, MachineSettings& s) {
                       s.image = typed<std::string>(value, name);
                     }},
    MachineParameter{"shared_storage",
                     [](const json& value, const std::string& name, MachineSettings& s) {
                       s.shared_storage = typed<bool>(value, name);
                     }},
    MachineParameter{"ssh", [](const json& value, const std::string& name,
                               MachineSettings& s) { s.ssh = typed<std::string>(value, name); }},
    MachineParameter{"guest_address",
                     [](const json& value, const std::string& name, MachineSettings& s) {
                       s.guest_address = typed<std::string>(value, name);
                     }},
    MachineParameter{"uri", [](const json& value, const std::string& name,
                               MachineSettings& s) { s.uri = typed<std::string>(value, name); }},
    MachineParameter{"libvirt", read_libvirt},
    MachineParameter{"soft_roce",
                     [](const json& value, const std::string& name, MachineSettings& s) {
                       s.soft_roce = typed<bool>(value, name);
                     }},
    MachineParameter{"acceleration", read_acceleration},
};

}  // namespace

std::vector<std::string_view> machine_parameters() {
  std::vector<std::string_view> names;
  for (const MachineParameter& parameter : kMachineParameters)
    names.emplace_back(parameter.name);
  return names;
}

json share_of(const json& parameters, std::size_t machine, std::size_t machines) {
  json own = parameters;
  for (const char* name : {"image", "ssh", "guest_address"}) {
    const auto parts = parts_of(parameters.value(name, json("")));
    if (parts.empty()) continue;
    if (parts.size() < machines) {
      throw InputError(
          fmt::format("parameter '{}': {} is for {} of {} virtual machines; give one "
                      "for each, with commas between them",
                      name, parameters.at(name).dump(), parts.size(), machines));
    }
    own[name] = parts[machine];
  }
  return own;
}

MachineSettings machine_settings(const json& parameters) {
  MachineSettings settings;
  for (const MachineParameter& parameter : kMachineParameters) {
    if (parameters.contains(parameter.name))
      parameter.read(parameters.at(parameter.name), parameter.name, settings);
  }
  if (!settings.pin.empty() && static_cast<int>(settings.pin.size()) != settings.vcpus) {
    throw InputError(fmt::format("parameter 'pin' names {} cores for {} vCPUs: give one for each",
                                 settings.pin.size(), settings.vcpus));
  }
  if (!settings.image.empty() && settings.ssh.empty()) {
    throw InputError("parameter 'image' needs 'ssh': how the guest is reached, \"root@ADDRESS\"");
  }
  return settings;
}

}  // namespace migbench::libvirt
