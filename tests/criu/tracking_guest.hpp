// A guest whose kernel (Debian's) keeps which pages are written, in which this machine's programs
// run: its file system is this machine's, read-only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/guest/qemu_guest.hpp"
#include "harness/programs.hpp"
#include "harness/site/process.hpp"

namespace migbench {

/// What is missing for one, with the remedy.
inline Support tracking_guest_support() {
  if (auto missing = guest::image_support()) return missing;
  if (look_for_program("qemu-system-x86_64").empty())
    return Unsupported{"qemu-system-x86_64 is not installed", "scripts/setup.sh packages-kvm"};
  return std::nullopt;
}

/// With what virtual nodes and CRIU need of a kernel.
inline std::unique_ptr<guest::QemuGuest> boot_tracking_guest() {
  guest::Recipe recipe;
  recipe.modules = {"crc32c_generic", "bridge",   "veth",      "nf_tables",      "inet_diag",
                    "tcp_diag",       "udp_diag", "unix_diag", "af_packet_diag", "netlink_diag"};
  recipe.shares = {{"hostroot", "/host", true}};
  recipe.root_share = "hostroot";
  guest::QemuOptions options;
  options.name = "tracking";
  options.vcpus = 2;
  options.memory = Bytes{1UL << 30U};
  options.shares = {{"hostroot", "/", true}};
  return std::make_unique<guest::QemuGuest>(guest::build_image(recipe), options,
                                            std::chrono::seconds(90));
}

/// Runs a command there for which the file system is as on any machine.
inline Finished in_own_root(const guest::QemuGuest& guest, std::vector<std::string> argv,
                            Nanoseconds deadline) {
  argv.insert(argv.begin(), find_program("criu_own_root").string());
  return guest.run({.argv = std::move(argv), .env = {}, .directory = "/"}, deadline);
}

}  // namespace migbench
