// Whether a device can be given to a virtual machine, whole or as virtual functions: every check
// with its result, and each failure with its remedy.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bench/error.hpp"
#include "harness/device/pci.hpp"

namespace migbench::device {

enum class Lending { whole, functions };

/// "passthrough" and "sriov".
[[nodiscard]] std::string_view name_of(Lending lending);

struct Wish {
  Lending lending = Lending::whole;
  int functions = 1;             ///< VFs wanted; whole devices: 1
  bool allow_in_use = false;     ///< the user's explicit word
  std::set<std::string> lent{};  ///< addresses that other processes have borrowed
};

struct Check {
  std::string
      name;  ///< "IOMMU", "group", "SR-IOV", "functions", "driver", "firmware", "link", "use"
  bool passed = true;
  std::string found;   ///< what was seen
  std::string remedy;  ///< of a failure
};

/// All checks, also after a failed one.
[[nodiscard]] std::vector<Check> preflight(const Kernel& kernel, const PciDevice& device,
                                           const Wish& wish);

/// Empty: all passed. Else the failures in one reason and one remedy.
[[nodiscard]] Support verdict(const PciDevice& device, const std::vector<Check>& checks);

/// The devices that passed, in the order given or found; their own failures where that are fewer
/// than `count`. `wanted`: "auto" or addresses, separated by commas. Throws InputError for a bad
/// address or one that is not there.
struct Suitable {
  std::vector<PciDevice> devices{};
  Support missing{};
};
[[nodiscard]] Suitable suitable_devices(const Kernel& kernel, const std::string& wanted,
                                        std::size_t count, const Wish& wish);

}  // namespace migbench::device
