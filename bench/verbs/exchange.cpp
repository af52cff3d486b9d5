#include "bench/verbs/exchange.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "bench/verbs/call.hpp"

namespace migbench::verbs {
namespace {

using nlohmann::json;

/// What one side tells the other of itself.
struct Card {
  std::uint32_t lid = 0;
  std::vector<std::uint8_t> gid{};
  int mtu = 0;
  int reads = 0;  ///< RDMA reads that the device serves at the same time
  std::vector<std::uint32_t> qpns{};
  std::vector<std::uint32_t> psns{};
};

json to_json(const Card& card) {
  return {{"lid", card.lid},     {"gid", card.gid},   {"mtu", card.mtu},
          {"reads", card.reads}, {"qpns", card.qpns}, {"psns", card.psns}};
}

Card card_from(const json& object, std::size_t lanes) {
  Card card;
  try {
    card = {object.at("lid"),   object.at("gid"),  object.at("mtu"),
            object.at("reads"), object.at("qpns"), object.at("psns")};
  } catch (const json::exception& error) {
    throw Error(fmt::format("the peer speaks another version: {}", error.what()));
  }
  if (card.gid.size() != sizeof(ibv_gid) || card.qpns.size() != lanes || card.psns.size() != lanes)
    throw Error("the peer speaks another version: use the same on both sides");
  return card;
}

Card own_card(const Endpoint& endpoint, const std::vector<Lane>& lanes) {
  ibv_device_attr device{};
  check(::ibv_query_device(endpoint.port().context, &device), "ibv_query_device");
  const ibv_gid& gid = endpoint.port().gid.value;
  Card card;
  card.lid = endpoint.port().attributes.lid;
  card.gid.assign(std::begin(gid.raw), std::end(gid.raw));
  card.mtu = mtu_bytes(endpoint.port().attributes.active_mtu);
  card.reads = std::min({device.max_qp_rd_atom, device.max_qp_init_rd_atom, 16});
  std::random_device random;
  for (const Lane& lane : lanes) {
    card.qpns.push_back(lane.qp->qp_num);
    // Packets of an earlier connection with this number must not be taken for this one's.
    card.psns.push_back(random() & 0xFFFFFFU);
  }
  return card;
}

ibv_ah_attr way_to(const Card& peer, const Port& port, const Settings& settings) {
  ibv_ah_attr way{};
  way.dlid = static_cast<std::uint16_t>(peer.lid);
  way.sl = static_cast<std::uint8_t>(settings.service_level);
  way.port_num = static_cast<std::uint8_t>(port.number);
  if (port.global) {
    way.is_global = 1;
    std::copy(peer.gid.begin(), peer.gid.end(), way.grh.dgid.raw);
    way.grh.sgid_index = static_cast<std::uint8_t>(port.gid.index);
    way.grh.hop_limit = 64;
  }
  return way;
}

void to_init(ibv_qp* pair, const Port& port, Transport transport) {
  ibv_qp_attr state{};
  state.qp_state = IBV_QPS_INIT;
  state.port_num = static_cast<std::uint8_t>(port.number);
  int mask = IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT;
  if (transport == Transport::ud) {
    state.qkey = kUdKey;
    mask |= IBV_QP_QKEY;
  } else {
    state.qp_access_flags = IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE;
    if (transport == Transport::rc) state.qp_access_flags |= IBV_ACCESS_REMOTE_READ;
    mask |= IBV_QP_ACCESS_FLAGS;
  }
  check(::ibv_modify_qp(pair, &state, mask), "ibv_modify_qp to INIT");
}

void to_ready_to_receive(ibv_qp* pair, const Port& port, const Settings& settings, const Card& own,
                         const Card& peer, std::size_t lane, int mtu) {
  ibv_qp_attr state{};
  state.qp_state = IBV_QPS_RTR;
  int mask = IBV_QP_STATE;
  if (settings.transport != Transport::ud) {
    state.path_mtu = mtu_of(mtu);
    state.dest_qp_num = peer.qpns[lane];
    state.rq_psn = peer.psns[lane];
    state.ah_attr = way_to(peer, port, settings);
    mask |= IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN | IBV_QP_AV;
  }
  if (settings.transport == Transport::rc) {
    state.max_dest_rd_atomic = static_cast<std::uint8_t>(std::min(own.reads, peer.reads));
    state.min_rnr_timer = 12;  // 0.64 ms
    mask |= IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER;
  }
  check(::ibv_modify_qp(pair, &state, mask), "ibv_modify_qp to RTR");
}

void to_ready_to_send(ibv_qp* pair, const Settings& settings, const Card& own, const Card& peer,
                      std::size_t lane) {
  ibv_qp_attr state{};
  state.qp_state = IBV_QPS_RTS;
  state.sq_psn = own.psns[lane];
  int mask = IBV_QP_STATE | IBV_QP_SQ_PSN;
  if (settings.transport == Transport::rc) {
    state.timeout = 14;  // 67 ms, InfiniBand specification 9.7.6.1.3
    state.retry_cnt = 7;
    state.rnr_retry = 7;  // without end: a receiver that is late is no error
    state.max_rd_atomic = static_cast<std::uint8_t>(std::min(own.reads, peer.reads));
    mask |= IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY | IBV_QP_MAX_QP_RD_ATOMIC;
  }
  check(::ibv_modify_qp(pair, &state, mask), "ibv_modify_qp to RTS");
}

int path_mtu(const Settings& settings, const Card& own, const Card& peer) {
  const int both = std::min(own.mtu, peer.mtu);
  if (settings.mtu && *settings.mtu > both) {
    throw InputError(
        fmt::format("--mtu {}: the ports of both sides have {} at the most", *settings.mtu, both));
  }
  return settings.mtu.value_or(both);
}

}  // namespace

int connect_queue_pairs(Endpoint& endpoint, const Settings& settings, Control& control) {
  std::vector<Lane>& lanes = endpoint.lanes();
  const Port& port = endpoint.port();
  const Card own = own_card(endpoint, lanes);
  control.send(to_json(own));
  const Card peer = card_from(control.receive(settings.deadline), lanes.size());
  const int mtu = path_mtu(settings, own, peer);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    Lane& lane = lanes[i];
    to_init(lane.qp, port, settings.transport);
    to_ready_to_receive(lane.qp, port, settings, own, peer, i, mtu);
    to_ready_to_send(lane.qp, settings, own, peer, i);
    lane.peer_qpn = peer.qpns[i];
    if (settings.transport == Transport::ud) {
      ibv_ah_attr way = way_to(peer, port, settings);
      AddressHandle handle(made(::ibv_create_ah(endpoint.domain(), &way), "ibv_create_ah"));
      lane.peer = handle.get();
      endpoint.own(std::move(handle));
    }
  }
  return mtu;
}

}  // namespace migbench::verbs
