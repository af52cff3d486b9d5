// The steps that bring a guest up, in their order. Each throws std::runtime_error that names what
// failed.
#pragma once

#include <string>
#include <vector>

#include "harness/guest/programs/init_settings.hpp"

namespace migbench::guest {

/// proc, sys, dev, devpts, shared memory, tmp and run; standard streams to the console.
void mount_kernel_file_systems();
void load_modules(const std::vector<std::string>& paths);
/// Host name, loopback, addresses, routes; a neighbour that does not answer is asked again after
/// 10 ms, not 1 s, so that a migration is not measured as an ARP pause.
void set_up_network(const Settings& settings);
/// 9p shares; where one of them is the root of commands, the guest's own /dev and so on within it.
void mount_shares(const Settings& settings);

}  // namespace migbench::guest
