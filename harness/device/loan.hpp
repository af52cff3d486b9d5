// Devices borrowed from this machine for virtual machines: chosen, split into VFs where these are
// wanted, and given back exactly as they were.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/device/journal.hpp"
#include "harness/device/preflight.hpp"

namespace migbench::device {

struct LoanRequest {
  Lending lending = Lending::functions;
  std::string wanted = "auto";  ///< or PCI addresses, separated by commas; of PFs
  int count = 1;                ///< VFs of one PF, or whole devices
  bool allow_in_use = false;
  std::string
      eswitch{};       ///< "legacy" or "switchdev": set before the VFs are made; empty: left alone
  bool trust = false;  ///< VFs may change their MAC and be promiscuous
};

/// A device that can be given to a virtual machine now.
struct Lent {
  PciDevice device;
  std::string mac{};        ///< of an Ethernet VF, as we set it
  std::string node_guid{};  ///< of an InfiniBand VF
  std::string port_guid{};
  int function = -1;  ///< number of a VF
};

class Loan {
 public:
  /// First repairs what a dead process left. Throws Error with reason and remedy where no device is
  /// suitable, InputError for a bad request; all is then as it was.
  Loan(Kernel& kernel, const LoanRequest& request,
       const std::vector<std::filesystem::path>& journals = journal_directories());

  [[nodiscard]] const std::vector<Lent>& devices() const noexcept { return devices_; }
  /// {"lending", "physical": {...}, "devices": [{...}]}: for the record and for the harness
  /// elsewhere.
  [[nodiscard]] nlohmann::json facts() const;
  /// Gives all back, which the destructor would do too. False where something could not be.
  [[nodiscard]] bool give_back(const Say& say) { return journal_->undo(say); }

 private:
  void lend_whole(const std::vector<PciDevice>& devices);
  void lend_functions(const PciDevice& physical);
  void name_function(const PciDevice& physical, int number);

  Kernel& kernel_;
  LoanRequest request_;
  std::unique_ptr<Journal> journal_;
  std::vector<Lent> devices_;
  nlohmann::json physical_;
};

/// The MAC of a VF: locally administered, and another one for each VF of each card.
[[nodiscard]] std::string mac_of_function(const std::string& physical_mac, int number);
/// The same for a GUID ("ec0d:9a03:0044:16a2" as sysfs prints it -> "ee:0d:9a:6d:01:44:16:a2");
/// `part` tells a VF's node from its port.
[[nodiscard]] std::string guid_of_function(const std::string& physical_guid, int number, int part);

}  // namespace migbench::device
