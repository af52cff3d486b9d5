// A guest with soft-RoCE in which this machine's programs run: its file system is this machine's,
// read-only, so that what was just built runs there at the same path.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/guest/qemu_guest.hpp"
#include "harness/programs.hpp"
#include "harness/site/process.hpp"

namespace migbench {

struct RoceGuestOptions {
  int vcpus = 2;
  std::optional<int> icount_shift{};
  std::string kernel_options{};
  std::vector<std::string> extra{};  ///< of QEMU
};

/// What is missing for one, with the remedy.
inline Support roce_guest_support() {
  if (auto missing = guest::image_support()) return missing;
  if (look_for_program("qemu-system-x86_64").empty())
    return Unsupported{"qemu-system-x86_64 is not installed", "scripts/setup.sh packages-kvm"};
  if (look_for_program("rdma").empty())
    return Unsupported{"the rdma program is not installed", "apt-get install iproute2"};
  return std::nullopt;
}

inline std::unique_ptr<guest::QemuGuest> boot_roce_guest(const RoceGuestOptions& wanted = {}) {
  guest::Recipe recipe;
  recipe.modules = {"crc32_generic", "rdma_rxe", "ib_uverbs", "rdma_ucm"};
  recipe.shares = {{"hostroot", "/host", true}};
  recipe.root_share = "hostroot";
  guest::QemuOptions options;
  options.name = "roce";
  options.vcpus = wanted.vcpus;
  options.icount_shift = wanted.icount_shift;
  options.kernel_options = wanted.kernel_options;
  options.extra = wanted.extra;
  options.memory = Bytes{512UL << 20U};
  options.shares = {{"hostroot", "/", true}};
  auto guest = std::make_unique<guest::QemuGuest>(guest::build_image(recipe), options,
                                                  std::chrono::seconds(90));
  const Finished added = guest->run(
      {{"sh", "-c",
        "rdma link add rxe0 type rxe netdev eth0 && ip -6 address add fd00::15/64 dev eth0 nodad"},
       {},
       {}},
      std::chrono::seconds(30));
  if (!added.ok()) throw Error("soft-RoCE: " + describe(added));
  return guest;
}

}  // namespace migbench
