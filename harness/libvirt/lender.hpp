// Devices of a site's machines for its virtual machines. `migbench devices lend` runs on the
// machine, writes down there what it changes, and gives all back when it is ended.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "harness/libvirt/hostdev.hpp"
#include "harness/site/process.hpp"
#include "harness/site/site.hpp"

namespace migbench::libvirt {

struct LendSettings {
  std::string mode{};         ///< "sriov" or "passthrough"
  std::string pci = "auto";   ///< "pci": addresses, the first that suit otherwise
  int functions = 2;          ///< "vfs": how many are made of the device
  bool allow_in_use = false;  ///< "allow_in_use"
  bool trust = false;         ///< "vf_trust"
  std::string eswitch{};      ///< "eswitch": "legacy" or "switchdev"
  std::string network =
      "10.78.0";          ///< "device_network": its interface's address in the guest begins so
  bool failover = false;  ///< "failover": a virtio interface stands in while the VF is unplugged
  std::vector<std::string> modules{};  ///< "guest_modules": "a,b", beyond those that are known
  bool operator==(const LendSettings&) const = default;
};

[[nodiscard]] std::vector<std::string_view> lend_parameters(std::string_view mode);
/// Throws InputError that names the parameter.
[[nodiscard]] LendSettings lend_settings(const nlohmann::json& parameters, std::string_view mode);

/// Lends devices of one machine as long as it lives.
class Lender {
 public:
  /// Throws Error with what `devices lend` said.
  Lender(const Site& site, const Node& node, const LendSettings& settings);

  /// The virtual nodes of a local site share this machine: all VFs that they have at a time come
  /// from one lender, which ends with the last user. A whole device has one of its own.
  [[nodiscard]] static std::shared_ptr<Lender> of(const Site& site, const Node& node,
                                                  const LendSettings& settings);

  /// One that nobody has, until the result goes. Throws Error where all are taken.
  [[nodiscard]] static std::shared_ptr<const HostDevice> take(
      const std::shared_ptr<Lender>& lender);
  /// What was lent, for the record.
  [[nodiscard]] const nlohmann::json& facts() const noexcept { return facts_; }

 private:
  nlohmann::json facts_;
  Process process_;
  std::mutex mutex_;
  std::vector<HostDevice> free_;
};

}  // namespace migbench::libvirt
