// The mode of a card's embedded switch: "legacy" forwards by MAC, "switchdev" by rules of the host,
// with a representor for each VF.
#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/device/setting.hpp"

namespace migbench::device {

std::optional<nlohmann::json> current_eswitch(const Kernel& kernel, const std::string& address) {
  const PciAddress device = address_or_throw(address);
  if (!kernel.exists(path_of(device))) return std::nullopt;
  const std::string handle = "pci/" + to_string(device);
  // Most cards have none, and then devlink fails.
  const Finished shown = kernel.run({"devlink", "-j", "dev", "eswitch", "show", handle});
  const auto document = nlohmann::json::parse(shown.out, nullptr, false);
  if (!shown.ok() || document.is_discarded() || !document.contains("dev"))
    return nlohmann::json("");
  return nlohmann::json(document["dev"].value(handle, nlohmann::json::object()).value("mode", ""));
}

void set_eswitch(Kernel& kernel, const std::string& address, const nlohmann::json& value) {
  const auto mode = value.get<std::string>();
  if (mode.empty()) return;
  if (mode != "legacy" && mode != "switchdev")
    throw InputError(fmt::format("'{}' is none of legacy, switchdev", mode));
  kernel.tell({"devlink", "dev", "eswitch", "set", "pci/" + to_string(address_or_throw(address)),
               "mode", mode});
}

}  // namespace migbench::device
