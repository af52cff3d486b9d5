#include "harness/migration/criu/wall.hpp"

#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "bench/error.hpp"
#include "harness/site/nodes/netlink.hpp"

namespace migbench::criu {
namespace {

constexpr const char* kTable = "migbench-criu";
constexpr const char* kChain = "input";

/// Messages of one nfnetlink batch, which the kernel takes as a whole or not at all.
class Batch {
 public:
  Batch() { control(NFNL_MSG_BATCH_BEGIN); }

  nl_msg* message(int type, int flags) {
    return append((NFNL_SUBSYS_NFTABLES << 8) | type, flags, NFPROTO_INET, 0);
  }

  /// Sends all; 0, or the first error as a negative NLE_ number.
  int send(nl_sock* socket) {
    control(NFNL_MSG_BATCH_END);
    std::string bytes;
    for (const auto& one : messages_) {
      const nlmsghdr* head = ::nlmsg_hdr(one.get());
      bytes.append(reinterpret_cast<const char*>(head), head->nlmsg_len);
      bytes.resize(NLMSG_ALIGN(bytes.size()));
    }
    const int sent = ::nl_sendto(socket, bytes.data(), bytes.size());
    if (sent < 0) return sent;
    int failure = 0;
    for (int i = 0; i < acknowledged_; ++i) {
      const int one = ::nl_wait_for_ack(socket);
      failure = failure == 0 ? one : failure;
      // What is wrong with the batch as a whole is said once.
      if (one < 0) break;
    }
    return failure;
  }

 private:
  struct Free {
    void operator()(nl_msg* message) const noexcept { ::nlmsg_free(message); }
  };

  nl_msg* append(int type, int flags, std::uint8_t family, std::uint16_t resource) {
    messages_.emplace_back(::nlmsg_alloc());
    nl_msg* message = messages_.back().get();
    if (message == nullptr || ::nlmsg_put(message, NL_AUTO_PORT, sequence_++, type,
                                          sizeof(nfgenmsg), NLM_F_REQUEST | flags) == nullptr)
      throw Error("netlink: no memory");
    auto* head = static_cast<nfgenmsg*>(::nlmsg_data(::nlmsg_hdr(message)));
    head->nfgen_family = family;
    head->version = NFNETLINK_V0;
    head->res_id = htons(resource);
    if ((flags & NLM_F_ACK) != 0) ++acknowledged_;
    return message;
  }

  void control(int type) { append(type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES); }

  std::vector<std::unique_ptr<nl_msg, Free>> messages_;
  std::uint32_t sequence_ = 1;
  int acknowledged_ = 0;
};

void put_table(nl_msg* message, int attribute) {
  ::nla_put_string(message, attribute, kTable);
}

}  // namespace

void PacketWall::Close::operator()(nl_sock* socket) const noexcept {
  ::nl_socket_free(socket);
}

PacketWall::PacketWall(int network) : socket_(::nl_socket_alloc()) {
  if (!socket_) throw Error("netlink: no memory");
  ::nl_socket_disable_seq_check(socket_.get());
  const NetworkNamespaceGuard inside(network);
  const int failure = ::nl_connect(socket_.get(), NETLINK_NETFILTER);
  if (failure < 0) throw Error(fmt::format("netlink: {}", ::nl_geterror(failure)));
}

void PacketWall::put_up() {
  Batch batch;
  put_table(batch.message(NFT_MSG_NEWTABLE, NLM_F_CREATE), NFTA_TABLE_NAME);
  nl_msg* chain = batch.message(NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_ACK);
  put_table(chain, NFTA_CHAIN_TABLE);
  ::nla_put_string(chain, NFTA_CHAIN_NAME, kChain);
  ::nla_put_string(chain, NFTA_CHAIN_TYPE, "filter");
  ::nla_put_u32(chain, NFTA_CHAIN_POLICY, htonl(NF_DROP));
  nlattr* hook = ::nla_nest_start(chain, NFTA_CHAIN_HOOK | NLA_F_NESTED);
  ::nla_put_u32(chain, NFTA_HOOK_HOOKNUM, htonl(NF_INET_LOCAL_IN));
  ::nla_put_u32(chain, NFTA_HOOK_PRIORITY, htonl(0));
  ::nla_nest_end(chain, hook);
  if (const int failure = batch.send(socket_.get()); failure < 0) {
    throw Error(
        fmt::format("drop all packets in the container's network: {}: the kernel needs "
                    "nf_tables",
                    ::nl_geterror(failure)));
  }
  up_ = true;
}

void PacketWall::take_down() noexcept {
  if (!up_) return;
  up_ = false;
  try {
    Batch batch;
    put_table(batch.message(NFT_MSG_DELTABLE, NLM_F_ACK), NFTA_TABLE_NAME);
    (void)batch.send(socket_.get());
  } catch (const Error&) {
    // Without memory nothing can be done; the namespace goes with its container.
  }
}

}  // namespace migbench::criu
