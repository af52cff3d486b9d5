// A libvirtd of its own on a virtual node.
//
// migbench-libvirt-host (programs/libvirt_host.cpp) gives it directories of its own where libvirt
// expects /etc/libvirt and /var/*/libvirt, so that any number of nodes has one on one machine and
// the machine's own is not touched.
#pragma once

#include <csignal>
#include <filesystem>
#include <string>

#include "bench/error.hpp"
#include "harness/site/process.hpp"
#include "harness/site/site.hpp"

namespace migbench::libvirt {

/// Whether libvirtd, its QEMU driver and QEMU are installed.
[[nodiscard]] Support daemon_support();

/// The directory of MachineSettings::libvirt, empty for the system's own. Throws Error with the
/// remedy where there is no libvirtd in it.
[[nodiscard]] std::filesystem::path libvirt_prefix(const std::string& setting);

/// libvirtd.conf and qemu.conf of a node's daemon; `address` is where other nodes reach it.
[[nodiscard]] std::string daemon_configuration(const std::string& host_uuid,
                                               const std::string& address,
                                               const std::filesystem::path& sockets);
[[nodiscard]] std::string qemu_configuration(const std::string& address);

/// Runs from construction to destruction; its virtual machines do not end with it.
class Daemon {
 public:
  /// `directory`: for configuration, state, logs and sockets, at the same path on the node and
  /// here. `remote_uri`: how this machine reaches it where the node is another machine (through
  /// TCP); the directory is then made there. `prefix`: libvirt_prefix(). Throws Error with the end
  /// of the daemon's log.
  Daemon(const Node& node, const std::filesystem::path& directory,
         const std::string& remote_uri = "", const std::filesystem::path& prefix = {});

  /// How this machine reaches it, on a virtual node through a unix socket:
  /// "qemu+unix:///system?socket=...".
  [[nodiscard]] const std::string& uri() const noexcept { return uri_; }
  /// How other nodes reach it: "qemu+tcp://10.77.0.11/system".
  [[nodiscard]] const std::string& peer_uri() const noexcept { return peer_uri_; }
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
  [[nodiscard]] bool running() { return process_.running(); }
  /// Ends it and returns what it printed: its warnings and errors.
  [[nodiscard]] std::string last_words();
  /// Kills it, as a crash would: for tests of what is then said and left.
  void kill() { process_.signal(SIGKILL); }

 private:
  std::filesystem::path directory_;
  std::string uri_;
  std::string peer_uri_;
  Process process_;
};

}  // namespace migbench::libvirt
