#include "udp_downtime/calibration/network_pair.hpp"

#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <sched.h>
#include <sys/socket.h>

#include "bench/error.hpp"
#include "udp_downtime/echo_server.hpp"

namespace migbench::udp {
namespace {

constexpr const char* kClientInterface = "probe0";
constexpr const char* kServerInterface = "echo0";

void check(int status, const char* tried) {
  if (status < 0) throw Error(fmt::format("cannot {}: {}", tried, ::nl_geterror(status)));
}

Descriptor current_namespace() {
  Descriptor found(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!found.valid()) throw system_error("cannot open this thread's network namespace");
  return found;
}

Descriptor fresh_namespace() {
  if (::unshare(CLONE_NEWNET) != 0)
    throw system_error("cannot make a network namespace", "run as root");
  return current_namespace();
}

void enter(const Descriptor& space) {
  if (::setns(space.get(), CLONE_NEWNET) != 0)
    throw system_error("cannot enter a network namespace");
}

using LinkOwner = std::unique_ptr<rtnl_link, decltype(&::rtnl_link_put)>;

// A netlink connection to the namespace that the thread is in.
class Netlink {
 public:
  Netlink() : socket_(::nl_socket_alloc(), &::nl_socket_free) {
    check(::nl_connect(socket_.get(), NETLINK_ROUTE), "connect to the kernel's routing tables");
  }

  void add_pair(const Descriptor& peer_namespace) {
    const LinkOwner veth(::rtnl_link_veth_alloc(), &::rtnl_link_put);
    rtnl_link* peer = ::rtnl_link_veth_get_peer(veth.get());
    ::rtnl_link_set_name(veth.get(), kClientInterface);
    ::rtnl_link_set_name(peer, kServerInterface);
    ::rtnl_link_set_ns_fd(peer, peer_namespace.get());
    const int status = ::rtnl_link_add(socket_.get(), veth.get(), NLM_F_CREATE | NLM_F_EXCL);
    ::rtnl_link_put(peer);
    check(status, "make a veth pair");
  }

  /// Returns the interface's index.
  int bring_up(const char* interface, const char* address) {
    rtnl_link* raw = nullptr;
    check(::rtnl_link_get_kernel(socket_.get(), 0, interface, &raw), "find the veth interface");
    const LinkOwner link(raw, &::rtnl_link_put);
    const int index = ::rtnl_link_get_ifindex(link.get());
    add_address(index, address);
    const LinkOwner change(::rtnl_link_alloc(), &::rtnl_link_put);
    ::rtnl_link_set_flags(change.get(), IFF_UP);
    check(::rtnl_link_change(socket_.get(), link.get(), change.get(), 0), "bring a link up");
    return index;
  }

 private:
  void add_address(int index, const char* address) {
    nl_addr* raw = nullptr;
    check(::nl_addr_parse(address, AF_INET, &raw), "read an address");
    const std::unique_ptr<nl_addr, decltype(&::nl_addr_put)> local(raw, &::nl_addr_put);
    ::nl_addr_set_prefixlen(local.get(), 24);
    const std::unique_ptr<rtnl_addr, decltype(&::rtnl_addr_put)> entry(::rtnl_addr_alloc(),
                                                                       &::rtnl_addr_put);
    ::rtnl_addr_set_ifindex(entry.get(), index);
    check(::rtnl_addr_set_local(entry.get(), local.get()), "set an address");
    check(::rtnl_addr_add(socket_.get(), entry.get(), 0), "add an address");
  }

  std::unique_ptr<nl_sock, decltype(&::nl_socket_free)> socket_;
};

}  // namespace

NetworkPair::NetworkPair() : home_(current_namespace()) {
  try {
    server_ = fresh_namespace();
    client_ = fresh_namespace();
    Netlink client_side;
    client_side.add_pair(server_);
    client_interface_ = client_side.bring_up(kClientInterface, kClientAddress);
    enter(server_);
    Netlink().bring_up(kServerInterface, kServerAddress);
    enter(client_);
  } catch (...) {
    (void)::setns(home_.get(), CLONE_NEWNET);
    throw;
  }
}

NetworkPair::~NetworkPair() {
  (void)::setns(home_.get(), CLONE_NEWNET);
}

Descriptor NetworkPair::make_server_socket() const {
  enter(server_);
  Descriptor socket = server_socket(numeric_endpoint(kServerAddress, kDefaultPort));
  enter(client_);
  return socket;
}

}  // namespace migbench::udp
