// Local sites that stay up between commands: `migbench nodes up`, `exec`, `down`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/site/site.hpp"

namespace migbench {

/// A local site that outlives the process that made it, under a name that the user chose.
struct NamedSite {
  std::string name;
  std::filesystem::path directory;
  std::vector<std::string> places;  ///< host names: the head first, then the nodes
  nlohmann::json facts;  ///< {"name", "directory", "supervisor", "head", "nodes": [{"name",
                         ///< "address", "pid"}]}: for --json
};

/// Brings it up and leaves it up. `settings` as in a plan's "site" object of kind "local". Throws
/// InputError where the name is taken or no good, Error where it does not come up.
NamedSite bring_up_named(const std::string& name, const nlohmann::json& settings);

/// Those that are up, sorted by name; what dead ones left behind is swept away first.
[[nodiscard]] std::vector<NamedSite> named_sites();

/// Attaches to one; the object's end leaves it up. Throws InputError that lists the names there
/// are.
[[nodiscard]] std::unique_ptr<Site> open_named(const std::string& name);

/// The command that runs `command` on a place of it (Place::enter), for exec'ing into. Throws
/// InputError for an unknown site or place.
[[nodiscard]] Command enter_named(const std::string& name, const std::string& place,
                                  const Command& command);

/// Takes it down and waits until nothing is left. Throws InputError for an unknown name, Error
/// where something stays.
void take_down_named(const std::string& name);

}  // namespace migbench
