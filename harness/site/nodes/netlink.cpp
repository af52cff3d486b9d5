#include "harness/site/nodes/netlink.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/veth.h>
#include <sched.h>
#include <sys/socket.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

struct Put {
  void operator()(rtnl_link* link) const noexcept { rtnl_link_put(link); }
  void operator()(rtnl_addr* address) const noexcept { rtnl_addr_put(address); }
  void operator()(nl_addr* address) const noexcept { nl_addr_put(address); }
};
using Link = std::unique_ptr<rtnl_link, Put>;
using LinkAddress = std::unique_ptr<rtnl_addr, Put>;
using Address = std::unique_ptr<nl_addr, Put>;

void check(int result, const std::string& tried) {
  if (result < 0) throw Error(fmt::format("{}: {}", tried, nl_geterror(result)));
}

Address parse(const std::string& text, int family) {
  nl_addr* parsed = nullptr;
  check(nl_addr_parse(text.c_str(), family, &parsed), "address " + text);
  return Address(parsed);
}

LinkAddress make_entry(int link, const std::string& address, int prefix) {
  LinkAddress entry(rtnl_addr_alloc());
  rtnl_addr_set_ifindex(entry.get(), link);
  check(
      rtnl_addr_set_local(entry.get(), parse(fmt::format("{}/{}", address, prefix), AF_INET).get()),
      "address " + address);
  return entry;
}

void set_mac(rtnl_link* link, const std::string& mac) {
  if (!mac.empty()) rtnl_link_set_addr(link, parse(mac, AF_LLC).get());
}

}  // namespace

NetworkNamespaceGuard::NetworkNamespaceGuard(int target)
    : home_(open_or_throw("/proc/thread-self/ns/net", O_RDONLY)) {
  if (::setns(target, CLONE_NEWNET) != 0)
    throw system_error("enter a network namespace", "CAP_SYS_ADMIN is needed (run as root)");
}

NetworkNamespaceGuard::~NetworkNamespaceGuard() {
  // A thread that stays in the wrong namespace would do harm to the host's network.
  if (::setns(home_.get(), CLONE_NEWNET) != 0) std::terminate();
}

void Netlink::Close::operator()(nl_sock* socket) const noexcept {
  nl_socket_free(socket);
}

Netlink::Netlink(int network_namespace) {
  const NetworkNamespaceGuard there(network_namespace);
  socket_.reset(nl_socket_alloc());
  if (!socket_) throw Error("netlink socket: out of memory");
  check(nl_connect(socket_.get(), NETLINK_ROUTE), "netlink socket");
}

int Netlink::index(const std::string& link) {
  rtnl_link* found = nullptr;
  check(rtnl_link_get_kernel(socket_.get(), 0, link.c_str(), &found), "link " + link);
  const Link owned(found);
  return rtnl_link_get_ifindex(found);
}

void Netlink::make_bridge(const std::string& name, const std::string& mac) {
  const Link link(rtnl_link_bridge_alloc());
  rtnl_link_set_name(link.get(), name.c_str());
  set_mac(link.get(), mac);
  check(rtnl_link_add(socket_.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL), "add bridge " + name);
}

void Netlink::make_veth(const VethEnd& here, const VethEnd& there, int other_namespace) {
  const Link link(rtnl_link_veth_alloc());
  rtnl_link* peer = rtnl_link_veth_get_peer(link.get());
  const Link owned_peer(peer);
  rtnl_link_set_name(link.get(), here.name.c_str());
  set_mac(link.get(), here.mac);
  rtnl_link_set_name(peer, there.name.c_str());
  set_mac(peer, there.mac);
  rtnl_link_set_ns_fd(peer, other_namespace);
  check(rtnl_link_add(socket_.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL),
        fmt::format("add veth pair {}, {}", here.name, there.name));
}

void Netlink::set_up(const std::string& name, bool up) {
  const Link link(rtnl_link_alloc());
  rtnl_link_set_ifindex(link.get(), index(name));
  const Link change(rtnl_link_alloc());
  if (up) {
    rtnl_link_set_flags(change.get(), IFF_UP);
  } else {
    rtnl_link_unset_flags(change.get(), IFF_UP);
  }
  check(rtnl_link_change(socket_.get(), link.get(), change.get(), 0),
        fmt::format("set link {} {}", name, up ? "up" : "down"));
}

void Netlink::add_to_bridge(const std::string& name, const std::string& bridge) {
  check(rtnl_link_enslave_ifindex(socket_.get(), index(bridge), index(name)),
        fmt::format("add {} to bridge {}", name, bridge));
}

void Netlink::add_address(const std::string& link, const std::string& address, int prefix) {
  const LinkAddress entry = make_entry(index(link), address, prefix);
  check(rtnl_addr_add(socket_.get(), entry.get(), 0), fmt::format("add {} to {}", address, link));
}

void Netlink::remove_address(const std::string& link, const std::string& address, int prefix) {
  const LinkAddress entry = make_entry(index(link), address, prefix);
  const int result = rtnl_addr_delete(socket_.get(), entry.get(), 0);
  if (result != -NLE_NOADDR && result != -NLE_OBJ_NOTFOUND)
    check(result, fmt::format("remove {} from {}", address, link));
}

void Netlink::remove_link(const std::string& name) {
  const Link link(rtnl_link_alloc());
  rtnl_link_set_name(link.get(), name.c_str());
  const int result = rtnl_link_delete(socket_.get(), link.get());
  if (result != -NLE_NODEV && result != -NLE_OBJ_NOTFOUND) check(result, "remove link " + name);
}

std::string Netlink::mac(const std::string& name) {
  rtnl_link* found = nullptr;
  check(rtnl_link_get_kernel(socket_.get(), 0, name.c_str(), &found), "link " + name);
  const Link owned(found);
  std::array<char, 64> text{};
  return nl_addr2str(rtnl_link_get_addr(found), text.data(), text.size());
}

bool Netlink::has_link(const std::string& name) {
  rtnl_link* found = nullptr;
  if (rtnl_link_get_kernel(socket_.get(), 0, name.c_str(), &found) < 0) return false;
  rtnl_link_put(found);
  return true;
}

std::string mac_of(const std::string& address) {
  in_addr parsed{};
  if (::inet_pton(AF_INET, address.c_str(), &parsed) != 1)
    throw Error("'" + address + "' is no IPv4 address");
  std::array<unsigned char, 4> bytes{};
  std::memcpy(bytes.data(), &parsed, bytes.size());
  return fmt::format("02:6d:{:02x}:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2], bytes[3]);
}

}  // namespace migbench
