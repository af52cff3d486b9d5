// What a virtual machine gets beyond its parameters: devices of the host, kernel modules, and what
// has to be done in it before it can use them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/site/command.hpp"

namespace migbench::libvirt {

struct Extras {
  std::string devices{};                          ///< XML within <devices>
  std::vector<std::string> modules{};             ///< of the guest's kernel, after those of virtio
  std::vector<std::filesystem::path> programs{};  ///< of this machine, to put into the guest
  std::vector<Command> when_up{};    ///< run in the guest, in this order, before anything else
  std::shared_ptr<void> borrowed{};  ///< given back when the machine has ended
  std::string service_address{};     ///< where services of it are reached; empty: at its first card
  nlohmann::json facts = nlohmann::json::object();  ///< added to the machine's own
  bool soft_roce = false;                           ///< its RDMA device is of software
  std::vector<std::string> labels{};                ///< likewise
};

/// What user space needs for RDMA in a guest: providers of libibverbs, `ip` and `rdma`, and the
/// modules of the kernel's side.
void add_rdma(Extras& extras);

/// With soft-RoCE over the guest's first card, so that verbs can be measured over virtio, too.
void add_soft_roce(Extras& extras);

}  // namespace migbench::libvirt
