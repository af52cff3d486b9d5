#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/ether.h>
#include <netinet/if_ether.h>
#include <sys/socket.h>

#include "bench/error.hpp"
#include "harness/site/nodes/netlink.hpp"

namespace migbench {
namespace {

using Mac = std::array<unsigned char, ETH_ALEN>;

Mac parse_mac(const std::string& text) {
  ether_addr parsed{};
  if (::ether_aton_r(text.c_str(), &parsed) == nullptr) throw Error("'" + text + "' is no MAC");
  Mac mac{};
  std::memcpy(mac.data(), &parsed, mac.size());
  return mac;
}

/// RFC 826's packet with sender and target address alike, to everybody.
std::string arp_frame(const Mac& mac, const in_addr& address, std::uint16_t operation) {
  struct {
    ether_header ethernet;
    ether_arp arp;
  } __attribute__((packed)) frame{};
  std::memset(frame.ethernet.ether_dhost, 0xff, ETH_ALEN);
  std::memcpy(frame.ethernet.ether_shost, mac.data(), mac.size());
  frame.ethernet.ether_type = htons(ETHERTYPE_ARP);
  frame.arp.ea_hdr = {htons(ARPHRD_ETHER), htons(ETHERTYPE_IP), ETH_ALEN, sizeof address,
                      htons(operation)};
  std::memcpy(frame.arp.arp_sha, mac.data(), mac.size());
  std::memcpy(frame.arp.arp_spa, &address, sizeof address);
  std::memcpy(frame.arp.arp_tpa, &address, sizeof address);
  if (operation == ARPOP_REPLY) std::memcpy(frame.arp.arp_tha, mac.data(), mac.size());
  return {reinterpret_cast<const char*>(&frame), sizeof frame};
}

}  // namespace

ArpAnnouncer::ArpAnnouncer(int network_namespace, const std::string& link, const std::string& mac,
                           const std::string& address) {
  in_addr parsed{};
  if (::inet_pton(AF_INET, address.c_str(), &parsed) != 1)
    throw Error("'" + address + "' is no IPv4 address");
  request_ = arp_frame(parse_mac(mac), parsed, ARPOP_REQUEST);
  reply_ = arp_frame(parse_mac(mac), parsed, ARPOP_REPLY);

  const NetworkNamespaceGuard there(network_namespace);
  socket_.reset(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));  // protocol 0: it only sends
  if (!socket_) throw system_error("packet socket", "CAP_NET_RAW is needed");
  sockaddr_ll target{};
  target.sll_family = AF_PACKET;
  target.sll_ifindex = static_cast<int>(::if_nametoindex(link.c_str()));
  if (target.sll_ifindex == 0) throw system_error("link " + link);
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0)
    throw system_error("bind to " + link);
}

void ArpAnnouncer::announce() const {
  for (const std::string& frame : {request_, reply_}) {
    if (::send(socket_.get(), frame.data(), frame.size(), 0) < 0)
      throw system_error("send a gratuitous ARP");
  }
}

}  // namespace migbench
