// What of a machine is changed for a virtual machine's device. Each kind of setting can be read as
// JSON and set from it, so that whatever it was before can be written down and set again.
//
//   kind        subject                        value
//   attribute   a file of sysfs                "text"
//   driver      a PCI address                  "igb"; "" for none
//   netdev      a PCI address                  {"name", "up", "mtu", "master", "addresses",
//   "routes"} vf          a PF's PCI address/VF number   {"mac", "vlan", "qos", "spoofchk",
//   "trust", "state",
//                                               "node_guid", "port_guid"}
//   eswitch     a PCI address                  "legacy", "switchdev"; "" where it has none
//
// Of an object only the members that are given are set.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/device/kernel.hpp"
#include "harness/device/pci.hpp"

namespace migbench::device {

struct Setting {
  std::string kind;
  std::string subject;
  auto operator<=>(const Setting&) const = default;
};

/// How it is now; empty where the subject is not there (a VF that is gone with its PF's others).
/// Throws InputError for a kind or a subject that we do not know, Error where it cannot be read.
[[nodiscard]] std::optional<nlohmann::json> current(const Kernel& kernel, const Setting& setting);

/// Nothing happens where it is like this already. Throws Error, also where a process has the device
/// open that would lose its driver.
void set(Kernel& kernel, const Setting& setting, const nlohmann::json& value);

/// "0000:3b:00.0/2"
[[nodiscard]] std::string vf_subject(const PciAddress& physical, int function);

// One kind each, for set() and current().
[[nodiscard]] std::optional<nlohmann::json> current_attribute(const Kernel& kernel,
                                                              const std::string& path);
void set_attribute(Kernel& kernel, const std::string& path, const nlohmann::json& value);
[[nodiscard]] std::optional<nlohmann::json> current_driver(const Kernel& kernel,
                                                           const std::string& address);
void set_driver(Kernel& kernel, const std::string& address, const nlohmann::json& value);
[[nodiscard]] std::optional<nlohmann::json> current_netdev(const Kernel& kernel,
                                                           const std::string& address);
void set_netdev(Kernel& kernel, const std::string& address, const nlohmann::json& value);
[[nodiscard]] std::optional<nlohmann::json> current_vf(const Kernel& kernel,
                                                       const std::string& subject);
void set_vf(Kernel& kernel, const std::string& subject, const nlohmann::json& value);
[[nodiscard]] std::optional<nlohmann::json> current_eswitch(const Kernel& kernel,
                                                            const std::string& address);
void set_eswitch(Kernel& kernel, const std::string& address, const nlohmann::json& value);

}  // namespace migbench::device
