#include "harness/site/nodes/network.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/site/nodes/netlink.hpp"
#include "harness/site/nodes/wire.hpp"

namespace migbench {
namespace {

void put_sysctl(const std::string& name, const std::string& value) {
  const std::string path = "/proc/sys/" + name;
  std::ofstream file(path);
  file << value << '\n';
  file.close();
  if (!file) throw system_error("write " + path, "is /proc/sys mounted read-only?");
}

void connect_node(const SitePlan& plan, const NodeProcess& head, Netlink& head_net,
                  const NodeProcess& node, int number) {
  Netlink net(node.network.get());
  net.set_up("lo");
  const std::string port = fmt::format("port{}", number);
  const std::string uplink = fmt::format("uplink{}", number);
  net.make_veth({.name = kNodeLink, .mac = mac_of(node.plan.address)}, {.name = port},
                head.network.get());
  net.add_address(kNodeLink, node.plan.address, plan.prefix);
  net.make_bridge(kBridge, "");
  net.make_veth({.name = kUplink}, {.name = uplink}, head.network.get());
  net.add_to_bridge(kUplink, kBridge);
  for (const std::string& link : {port, uplink}) {
    head_net.add_to_bridge(link, kBridge);
    head_net.set_up(link);
  }
  for (const char* link : {kNodeLink, kUplink, kBridge})
    net.set_up(link);
}

/// A node has two links in the site's network: its own, with the address, and the one that its
/// containers' bridge goes out by. Linux answers for an address on any link that is asked, so that
/// others would learn the bridge's MAC for it, which changes as containers come and go.
void answer_for_own_addresses_only() {
  put_sysctl("net/ipv4/conf/all/arp_ignore", "1");
}

/// The file as a whole is exchanged under a lock, without a moment in which it is shorter than both
/// its old and its new contents.
template <class Edit>
void edit_hosts(const std::filesystem::path& site, const Edit& edit) {
  const auto path = (site / "hosts").string();
  const UniqueFd file = open_or_throw(path, O_RDWR | O_CREAT, 0644);
  if (::flock(file.get(), LOCK_EX) != 0) throw system_error("lock " + path);
  std::stringstream old;
  old << std::ifstream(path).rdbuf();
  const std::string text = edit(old.str());
  if (::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
      ::ftruncate(file.get(), static_cast<off_t>(text.size())) != 0)
    throw system_error("write " + path);
}

std::string host_line(const std::string& name, const std::string& address) {
  return address + "\t" + name + "\n";
}

}  // namespace

void retry_neighbours_soon(const std::string& link) {
  put_sysctl("net/ipv4/neigh/" + link + "/retrans_time_ms", "10");
  // The lookup gives up after so many tries: 3 s in all, as the default 3 tries of 1 s.
  put_sysctl("net/ipv4/neigh/" + link + "/mcast_solicit", "300");
}

void retransmit_soon() {
  put_sysctl("net/ipv4/tcp_thin_linear_timeouts", "1");
  // Since Linux 6.15; the least that it takes.
  const std::string longest = "net/ipv4/tcp_rto_max_ms";
  if (std::filesystem::exists("/proc/sys/" + longest)) put_sysctl(longest, "1000");
}

void connect_nodes(const SitePlan& plan, const std::list<NodeProcess>& nodes) {
  const NodeProcess& head = nodes.front();
  Netlink net(head.network.get());
  net.set_up("lo");
  // A bridge without a MAC of its own takes its ports', and changes it as they come and go.
  net.make_bridge(kBridge, mac_of(plan.head.address));
  net.add_address(kBridge, plan.head.address, plan.prefix);
  net.set_up(kBridge);
  int number = 0;
  for (const NodeProcess& node : nodes) {
    if (&node != &head) connect_node(plan, head, net, node, ++number);
    const NetworkNamespaceGuard there(node.network.get());
    answer_for_own_addresses_only();
    retransmit_soon();
    retry_neighbours_soon(&node == &head ? kBridge : kNodeLink);
  }
}

void write_hosts(const std::filesystem::path& site, const SitePlan& plan) {
  std::string text = "127.0.0.1\tlocalhost\n::1\tlocalhost\n";
  text += host_line(plan.head.name, plan.head.address);
  for (const NodePlan& node : plan.nodes)
    text += host_line(node.name, node.address);
  edit_hosts(site, [&text](const std::string&) { return text; });
}

bool add_host(const std::filesystem::path& site, const std::string& name,
              const std::string& address) {
  bool free = false;
  edit_hosts(site, [&](const std::string& old) {
    if (old.find("\t" + name + "\n") != std::string::npos)
      throw InputError(fmt::format("the site has a host '{}' already", name));
    free = ("\n" + old).find("\n" + address + "\t") == std::string::npos;
    return free ? old + host_line(name, address) : old;
  });
  return free;
}

void remove_host(const std::filesystem::path& site, const std::string& name,
                 const std::string& address) {
  edit_hosts(site, [&](const std::string& old) {
    std::istringstream lines(old);
    std::string kept;
    for (std::string line; std::getline(lines, line);) {
      if (line + "\n" != host_line(name, address)) kept += line + "\n";
    }
    return kept;
  });
}

}  // namespace migbench
