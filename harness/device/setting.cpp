#include "harness/device/setting.hpp"

#include <array>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::device {

namespace {

struct Kind {
  const char* name;
  std::optional<nlohmann::json> (*current)(const Kernel&, const std::string&);
  void (*set)(Kernel&, const std::string&, const nlohmann::json&);
};

constexpr std::array<Kind, 5> kKinds{{{"attribute", current_attribute, set_attribute},
                                      {"driver", current_driver, set_driver},
                                      {"netdev", current_netdev, set_netdev},
                                      {"vf", current_vf, set_vf},
                                      {"eswitch", current_eswitch, set_eswitch}}};

const Kind& kind_of(const Setting& setting) {
  for (const Kind& kind : kKinds) {
    if (setting.kind == kind.name) return kind;
  }
  throw InputError(fmt::format("'{}' is no kind of setting", setting.kind));
}

/// Whether everything in `wanted` is in `found`.
bool is_so(const nlohmann::json& found, const nlohmann::json& wanted) {
  if (!wanted.is_object()) return found == wanted;
  for (const auto& [name, value] : wanted.items()) {
    if (!found.contains(name) || found.at(name) != value) return false;
  }
  return true;
}

}  // namespace

std::optional<nlohmann::json> current(const Kernel& kernel, const Setting& setting) {
  return kind_of(setting).current(kernel, setting.subject);
}

void set(Kernel& kernel, const Setting& setting, const nlohmann::json& value) {
  const Kind& kind = kind_of(setting);
  const auto found = kind.current(kernel, setting.subject);
  if (!found) {
    throw Error(fmt::format("set the {} of {}: it is not there", setting.kind, setting.subject));
  }
  if (!is_so(*found, value)) kind.set(kernel, setting.subject, value);
}

std::string vf_subject(const PciAddress& physical, int function) {
  return fmt::format("{}/{}", to_string(physical), function);
}

}  // namespace migbench::device
