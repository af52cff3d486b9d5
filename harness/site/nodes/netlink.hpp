// Links and addresses of a network namespace, over libnl-route. Everything throws Error with
// netlink's text.
#pragma once

#include <memory>
#include <string>

#include "harness/site/unique_fd.hpp"

struct nl_sock;

namespace migbench {

/// The calling thread is in another network namespace as long as this lives.
class NetworkNamespaceGuard {
 public:
  explicit NetworkNamespaceGuard(int target);
  ~NetworkNamespaceGuard();
  NetworkNamespaceGuard(const NetworkNamespaceGuard&) = delete;
  NetworkNamespaceGuard& operator=(const NetworkNamespaceGuard&) = delete;

 private:
  UniqueFd home_;
};

/// One end of a virtual cable.
struct VethEnd {
  std::string name;
  std::string mac{};  ///< "02:00:0a:4d:00:0b"; empty: the kernel chooses
};

/// A netlink socket inside a network namespace; it stays there wherever its users go.
class Netlink {
 public:
  explicit Netlink(int network_namespace);

  void make_bridge(const std::string& name, const std::string& mac);
  /// A cable from here to another namespace.
  void make_veth(const VethEnd& here, const VethEnd& there, int other_namespace);
  void set_up(const std::string& link, bool up = true);
  void add_to_bridge(const std::string& link, const std::string& bridge);
  /// "10.77.0.11", 24.
  void add_address(const std::string& link, const std::string& address, int prefix);
  /// Nothing happens where it is not there.
  void remove_address(const std::string& link, const std::string& address, int prefix);
  /// Nothing happens where there is none of that name.
  void remove_link(const std::string& link);
  /// "02:6d:0a:4d:00:0b".
  [[nodiscard]] std::string mac(const std::string& link);
  [[nodiscard]] bool has_link(const std::string& link);

 private:
  struct Close {
    void operator()(nl_sock* socket) const noexcept;
  };
  [[nodiscard]] int index(const std::string& link);
  std::unique_ptr<nl_sock, Close> socket_;
};

/// A locally administered MAC that belongs to an IPv4 address, the same at each use: "02:6d:" and
/// the address.
[[nodiscard]] std::string mac_of(const std::string& address);

/// A gratuitous ARP (RFC 5227's announcement) can be sent from it at once, when an address has
/// moved.
class ArpAnnouncer {
 public:
  ArpAnnouncer(int network_namespace, const std::string& link, const std::string& mac,
               const std::string& address);
  void announce() const;

 private:
  UniqueFd socket_;
  std::string request_, reply_;  ///< whole Ethernet frames
};

}  // namespace migbench
