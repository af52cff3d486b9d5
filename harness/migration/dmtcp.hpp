// DMTCP's coordinator, which its environment starts and its technique talks to.
#pragma once

#include <memory>

#include "harness/environment/environment.hpp"

namespace migbench {

/// Its programs on this machine.
[[nodiscard]] Support check_dmtcp();

/// An instance on `node` with a coordinator of its own at the site's head. Throws Error.
[[nodiscard]] std::unique_ptr<Instance> make_dmtcp_instance(Site& site, Node& node);

}  // namespace migbench
