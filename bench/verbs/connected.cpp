#include "bench/verbs/connected.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "bench/host_facts.hpp"
#include "bench/verbs/cm.hpp"
#include "bench/verbs/exchange.hpp"

namespace migbench::verbs {
namespace {

void check_sizes(const Settings& settings, const Port& port) {
  if (settings.transport != Transport::ud) return;
  const auto mtu = static_cast<std::uint64_t>(mtu_bytes(port.attributes.active_mtu));
  const Bytes largest = *std::max_element(settings.sizes.begin(), settings.sizes.end());
  if (largest.count > mtu) {
    throw InputError(fmt::format(
        "--sizes: a UD message fits one packet, here of {} bytes: ask for sizes up to it", mtu));
  }
}

}  // namespace

Connected::Connected(const Settings& settings, const LocalChoice& choice, Control& control,
                     Side side)
    : settings_(settings), control_(control), side_(side) {
  if (settings.connection == Connection::tcp) {
    connect_by_exchange(choice);
  } else {
    connect_by_cm(choice);
  }
  exchange_memory();
}

Connected::~Connected() {
  // The queue pairs of librdmacm stand in this endpoint's domain, its device in librdmacm's ids.
  for (const CmId& id : cm_.ids)
    if (id->qp != nullptr) ::rdma_destroy_qp(id.get());
  endpoint_.reset();
}

void Connected::connect_by_exchange(const LocalChoice& choice) {
  Port port = open_port(choice.device, control_.local());
  check_sizes(settings_, port);
  endpoint_ = std::make_unique<Endpoint>(std::move(port), settings_, choice.huge_pages);
  for (int i = 0; i < settings_.qps; ++i)
    endpoint_->create_queue_pair();
  facts_["path_mtu"] = connect_queue_pairs(*endpoint_, settings_, control_);
}

void Connected::connect_by_cm(const LocalChoice& choice) {
  CmMeeting meeting(cm_, control_, settings_);
  Port port =
      side_ == Side::server ? meeting.listen(choice.device) : meeting.resolve(choice.device);
  endpoint_ = std::make_unique<Endpoint>(std::move(port), settings_, choice.huge_pages);
  for (int i = 0; i < settings_.qps; ++i) {
    if (side_ == Side::server) {
      meeting.accept(*endpoint_);
    } else {
      meeting.connect(*endpoint_);
    }
  }
  facts_["path_mtu"] = nullptr;
}

void Connected::exchange_memory() {
  const RemoteMemory own = endpoint_->own_memory();
  facts_["device"] = describe(endpoint_->port());
  facts_["endpoint"] = endpoint_->facts();
  control_.send({{"address", own.address}, {"key", own.key}, {"facts", facts_}});
  const nlohmann::json peer = control_.receive(settings_.deadline);
  endpoint_->set_remote(
      {peer.at("address").get<std::uint64_t>(), peer.at("key").get<std::uint32_t>()});
  peer_facts_ = peer.at("facts");
  meet();
}

void Connected::meet() {
  control_.send({{"here", true}});
  if (!control_.receive(settings_.deadline).contains("here"))
    throw Error("the peer is at another step: use the same version on both sides");
}

}  // namespace migbench::verbs
