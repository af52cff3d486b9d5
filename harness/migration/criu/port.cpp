#include "harness/migration/criu/port.hpp"

#include <fmt/format.h>
#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "bench/error.hpp"

namespace migbench::criu {

void BridgePort::Close::operator()(nl_sock* socket) const noexcept {
  ::nl_socket_free(socket);
}

BridgePort::BridgePort(const std::string& link) : socket_(::nl_socket_alloc()), link_(link) {
  index_ = static_cast<int>(::if_nametoindex(link.c_str()));
  if (index_ == 0) throw system_error("find the bridge port " + link);
  const int failure = socket_ ? ::nl_connect(socket_.get(), NETLINK_ROUTE) : -NLE_NOMEM;
  if (failure < 0) throw Error(fmt::format("netlink: {}", ::nl_geterror(failure)));
}

void BridgePort::set_state(std::uint8_t state) const {
  std::unique_ptr<nl_msg, decltype(&::nlmsg_free)> message(
      ::nlmsg_alloc_simple(RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK), &::nlmsg_free);
  if (!message) throw Error("netlink: no memory");
  ifinfomsg head{};
  head.ifi_family = AF_BRIDGE;
  head.ifi_index = index_;
  ::nlmsg_append(message.get(), &head, sizeof head, NLMSG_ALIGNTO);
  nlattr* nested = ::nla_nest_start(message.get(), IFLA_PROTINFO | NLA_F_NESTED);
  ::nla_put_u8(message.get(), IFLA_BRPORT_STATE, state);
  ::nla_nest_end(message.get(), nested);
  const int failure = ::nl_send_sync(socket_.get(), message.release());  // takes the message over
  if (failure < 0) {
    throw Error(fmt::format("set the state of bridge port {}: {}: is it a port of a bridge?", link_,
                            ::nl_geterror(failure)));
  }
}

ArpAnnouncer make_announcer(const nlohmann::json& settings) {
  const auto netns = open_or_throw(settings.at("netns").get<std::string>(), O_RDONLY);
  return {netns.get(), settings.at("link").get<std::string>(),
          settings.at("mac").get<std::string>(), settings.at("address").get<std::string>()};
}

}  // namespace migbench::criu
