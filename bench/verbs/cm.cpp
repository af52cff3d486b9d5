#include "bench/verbs/cm.hpp"

#include <algorithm>
#include <cerrno>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>

#include "bench/error.hpp"
#include "bench/verbs/call.hpp"

namespace migbench::verbs {
namespace {

constexpr int kResolveMilliseconds = 5000;

/// The event, acknowledged when it is done with.
class Event {
 public:
  explicit Event(rdma_event_channel* channel) {
    check(::rdma_get_cm_event(channel, &event_), "rdma_get_cm_event");
  }
  ~Event() { ::rdma_ack_cm_event(event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  Event(Event&&) = delete;
  Event& operator=(Event&&) = delete;
  rdma_cm_event* operator->() const noexcept { return event_; }

 private:
  rdma_cm_event* event_ = nullptr;
};

}  // namespace

CmMeeting::CmMeeting(CmParts& parts, Control& control, const Settings& settings)
    : parts_(parts), control_(control), settings_(settings) {
  parts_.channel.reset(made(::rdma_create_event_channel(), "rdma_create_event_channel"));
}

CmId CmMeeting::new_id() {
  rdma_cm_id* id = nullptr;
  check(::rdma_create_id(parts_.channel.get(), &id, nullptr, RDMA_PS_TCP), "rdma_create_id");
  return CmId(id);
}

rdma_cm_id* CmMeeting::await(rdma_cm_event_type type, const char* doing) {
  Watch watch(control_, settings_.deadline);
  pollfd ready{parts_.channel->fd, POLLIN, 0};
  while (::poll(&ready, 1, 50) <= 0)
    watch.look();
  const Event event(parts_.channel.get());
  if (event->event == type) return event->id;
  const int number = event->status < 0 ? -event->status : ECONNREFUSED;
  throw call_error(fmt::format("rdma_{} ({})", doing, ::rdma_event_str(event->event)), number);
}

Port CmMeeting::listen(const DeviceChoice& choice) {
  parts_.listener = new_id();
  SocketAddress here = control_.local();
  here.set_port(0);
  check(::rdma_bind_addr(parts_.listener.get(), here.get()), "rdma_bind_addr",
        fmt::format(" to {}", here.text()));
  if (parts_.listener->verbs == nullptr) throw call_error("rdma_bind_addr", ENODEV);
  check(::rdma_listen(parts_.listener.get(), settings_.qps), "rdma_listen");
  control_.send({{"cm_port", ntohs(::rdma_get_src_port(parts_.listener.get()))}});
  return borrowed_port(parts_.listener->verbs, parts_.listener->port_num, choice, here);
}

void CmMeeting::lead_to_server(CmId& id) {
  check(::rdma_resolve_addr(id.get(), nullptr, server_.get(), kResolveMilliseconds),
        "rdma_resolve_addr", fmt::format(" of {}", server_.text()));
  (void)await(RDMA_CM_EVENT_ADDR_RESOLVED, "resolve_addr");
  check(::rdma_resolve_route(id.get(), kResolveMilliseconds), "rdma_resolve_route");
  (void)await(RDMA_CM_EVENT_ROUTE_RESOLVED, "resolve_route");
}

Port CmMeeting::resolve(const DeviceChoice& choice) {
  server_ = control_.peer();
  server_.set_port(control_.receive(settings_.deadline).at("cm_port").get<std::uint16_t>());
  parts_.ids.push_back(new_id());
  const CmId& id = parts_.ids.back();
  lead_to_server(parts_.ids.back());
  return borrowed_port(id->verbs, id->port_num, choice, control_.local());
}

rdma_conn_param CmMeeting::parameters(const Endpoint& endpoint) const {
  ibv_device_attr device{};
  check(::ibv_query_device(endpoint.port().context, &device), "ibv_query_device");
  const auto reads =
      static_cast<std::uint8_t>(std::min({device.max_qp_rd_atom, device.max_qp_init_rd_atom, 16}));
  rdma_conn_param param{};
  param.responder_resources = reads;
  param.initiator_depth = reads;
  param.retry_count = 7;
  param.rnr_retry_count = 7;
  return param;
}

void CmMeeting::connect(Endpoint& endpoint) {
  if (first_used_) {
    parts_.ids.push_back(new_id());
    lead_to_server(parts_.ids.back());
  }
  first_used_ = true;
  rdma_cm_id* id = parts_.ids.back().get();
  endpoint.make_queue_pair([&](ibv_qp_init_attr& attributes) -> ibv_qp* {
    return ::rdma_create_qp(id, endpoint.domain(), &attributes) == 0 ? id->qp : nullptr;
  });
  rdma_conn_param param = parameters(endpoint);
  check(::rdma_connect(id, &param), "rdma_connect");
  (void)await(RDMA_CM_EVENT_ESTABLISHED, "connect");
}

void CmMeeting::accept(Endpoint& endpoint) {
  rdma_cm_id* id = await(RDMA_CM_EVENT_CONNECT_REQUEST, "listen");
  parts_.ids.emplace_back(id);
  endpoint.make_queue_pair([&](ibv_qp_init_attr& attributes) -> ibv_qp* {
    return ::rdma_create_qp(id, endpoint.domain(), &attributes) == 0 ? id->qp : nullptr;
  });
  rdma_conn_param param = parameters(endpoint);
  check(::rdma_accept(id, &param), "rdma_accept");
  (void)await(RDMA_CM_EVENT_ESTABLISHED, "accept");
}

}  // namespace migbench::verbs
