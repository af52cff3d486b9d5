// The hypervisors of a site's nodes: a libvirtd of our own on each virtual node, the user's on each
// machine of a cluster.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "harness/libvirt/connection.hpp"
#include "harness/libvirt/daemon.hpp"
#include "harness/site/site.hpp"

namespace migbench::libvirt {

/// One node's hypervisor.
struct Host {
  Node* node = nullptr;
  std::string uri;                   ///< as the harness reaches it
  std::string peer_uri;              ///< as the other nodes do
  std::string libvirt{};             ///< which one the daemon is of
  std::unique_ptr<Daemon> daemon{};  ///< local site only
  std::shared_ptr<Connection> connection{};
};

class Hypervisors {
 public:
  /// Those of this site, shared by all its virtual machines: daemons end with the last user.
  [[nodiscard]] static std::shared_ptr<Hypervisors> of(Site& site);
  explicit Hypervisors(Site& site) : site_(site) {}

  /// The node's, started or connected at the first use. `uri_pattern`: a cluster's URI with {name}
  /// and {address} of the node, "qemu+ssh://root@{address}/system" where it is empty; it has no
  /// meaning on the local site. `libvirt`: MachineSettings::libvirt, virtual nodes only; a node has
  /// one at a time. Throws Error, InputError for another libvirt. Thread-safe.
  [[nodiscard]] Host& at(Node& node, const std::string& uri_pattern,
                         const std::string& libvirt = "");

  /// The node's, where at() was asked for it before; null otherwise.
  [[nodiscard]] const Host* known(const Node& node);

  [[nodiscard]] Site& site() const noexcept { return site_; }

 private:
  /// A node's has a lock of its own: a daemon takes seconds to start on an emulated host.
  struct Slot {
    std::mutex mutex{};
    Host host{};
  };

  Site& site_;
  std::mutex mutex_;
  std::map<const Node*, Slot> hosts_;
};

/// "{name}" and "{address}" replaced. Throws InputError for another word in braces.
[[nodiscard]] std::string node_uri(const std::string& pattern, const Node& node);

/// What this process writes into a domain's description, so that another can tell a virtual machine
/// whose maker is dead: "migbench HOST PID START-TIME".
[[nodiscard]] std::string owner_mark();
/// Ends virtual machines of makers on this machine that are dead (a harness that was killed).
/// Returns their names.
std::vector<std::string> sweep_orphans(const Connection& connection);

}  // namespace migbench::libvirt
