#include "bench/verbs/endpoint.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/error.hpp"
#include "bench/verbs/call.hpp"

namespace migbench::verbs {
namespace {

ibv_qp_type type_of(Transport transport) {
  switch (transport) {
    case Transport::uc:
      return IBV_QPT_UC;
    case Transport::ud:
      return IBV_QPT_UD;
    default:
      return IBV_QPT_RC;
  }
}

ibv_wr_opcode opcode_of(Operation operation) {
  switch (operation) {
    case Operation::read:
      return IBV_WR_RDMA_READ;
    case Operation::write_imm:
      return IBV_WR_RDMA_WRITE_WITH_IMM;
    case Operation::send:
      return IBV_WR_SEND;
    default:
      return IBV_WR_RDMA_WRITE;
  }
}

int send_room(const Settings& settings) {
  return settings.depth + spare_work(settings);
}

int receive_room(const Settings& settings) {
  return receives(settings.operation) ? settings.receive_depth + spare_work(settings) : 1;
}

Bytes largest(const Settings& settings) {
  return *std::max_element(settings.sizes.begin(), settings.sizes.end());
}

}  // namespace

Endpoint::Endpoint(Port port, const Settings& settings, std::optional<Bytes> huge_pages)
    : port_(std::move(port)),
      settings_(settings),
      layout_(layout_for(largest(settings), settings.transport == Transport::ud)),
      huge_pages_(huge_pages),
      memory_(layout_.total(), huge_pages),
      domain_(made(::ibv_alloc_pd(port_.context), "ibv_alloc_pd")) {
  const int access = IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE |
                     (settings.operation == Operation::read ? IBV_ACCESS_REMOTE_READ : 0);
  region_.reset(made(
      ::ibv_reg_mr(domain_.get(), memory_.data(), memory_.size(), static_cast<unsigned>(access)),
      "ibv_reg_mr", fmt::format(" of {}", format_bytes(Bytes{memory_.size()}))));
  completions_ = std::make_unique<Completions>(
      port_.context, settings.qps * send_room(settings),
      receives(settings.operation) ? settings.qps * receive_room(settings) : 0,
      settings.completion);
  if (settings.shared_receive_queue) {
    ibv_srq_init_attr attributes{};
    attributes.attr.max_wr = static_cast<std::uint32_t>(settings.qps * receive_room(settings));
    attributes.attr.max_sge = 1;
    shared_.reset(made(::ibv_create_srq(domain_.get(), &attributes), "ibv_create_srq"));
  }
}

ibv_qp_init_attr Endpoint::queue_pair_attributes(int inline_bytes) const {
  ibv_qp_init_attr attributes{};
  attributes.send_cq = completions_->sent().get();
  attributes.recv_cq = completions_->received().get();
  attributes.srq = shared_.get();
  attributes.cap.max_send_wr = static_cast<std::uint32_t>(send_room(settings_));
  attributes.cap.max_recv_wr = static_cast<std::uint32_t>(receive_room(settings_));
  attributes.cap.max_send_sge = attributes.cap.max_recv_sge = 1;
  attributes.cap.max_inline_data = static_cast<std::uint32_t>(inline_bytes);
  attributes.qp_type = type_of(settings_.transport);
  return attributes;
}

void Endpoint::take_queue_pair(ibv_qp* pair, int inline_limit) {
  made(pair, "ibv_create_qp",
       fmt::format(" ({}, {} sends, {} receives)", name(settings_.transport), send_room(settings_),
                   receive_room(settings_)));
  inline_limit_ = settings_.inline_bytes.value_or(std::min(inline_limit, usual_inline(settings_)));
  lanes_.push_back({pair, nullptr, 0});
}

void Endpoint::create_queue_pair() {
  make_queue_pair([&](ibv_qp_init_attr& attributes) {
    ibv_qp* pair = ::ibv_create_qp(domain_.get(), &attributes);
    if (pair != nullptr) pairs_.emplace_back(pair);
    return pair;
  });
}

RemoteMemory Endpoint::own_memory() const {
  return {reinterpret_cast<std::uint64_t>(memory_.data()), region_->rkey};
}

void Endpoint::prepare(Request& request, std::size_t lane, Operation operation, Bytes size,
                       std::size_t slot) const {
  const bool reads = operation == Operation::read;
  const std::size_t here = reads ? layout_.payload_offset(slot) : layout_.send_offset(slot);
  const std::size_t there = reads ? layout_.send_offset(slot) : layout_.payload_offset(slot);
  request.piece = {reinterpret_cast<std::uint64_t>(memory_.data() + here),
                   static_cast<std::uint32_t>(size.count), region_->lkey};
  ibv_send_wr& work = request.work;
  work = {};
  work.wr_id = WorkId{WorkId::Kind::data, static_cast<std::uint16_t>(lane)}.pack();
  work.sg_list = &request.piece;
  work.num_sge = 1;
  work.opcode = opcode_of(operation);
  if (!reads && size.count <= static_cast<std::uint64_t>(inline_limit_))
    work.send_flags = IBV_SEND_INLINE;
  if (lanes_[lane].peer != nullptr) {
    work.wr.ud.ah = lanes_[lane].peer;
    work.wr.ud.remote_qpn = lanes_[lane].peer_qpn;
    work.wr.ud.remote_qkey = kUdKey;
  } else {
    work.wr.rdma.remote_addr = remote_.address + there;
    work.wr.rdma.rkey = remote_.key;
  }
}

void Endpoint::prepare_credit(Request& request, std::size_t lane, std::uint32_t value) const {
  prepare(request, lane, Operation::send, Bytes{0}, 0);
  request.work.num_sge = 0;
  request.work.opcode = IBV_WR_SEND_WITH_IMM;
  request.work.imm_data = value;  // not swapped: both sides are of one kind, and it is no number
  request.work.wr_id = WorkId{WorkId::Kind::credit, static_cast<std::uint16_t>(lane)}.pack();
  request.work.send_flags = IBV_SEND_SIGNALED;
}

void Endpoint::fail_post(int number) {
  throw call_error("ibv_post_send", number);
}

void Endpoint::post_receive(std::size_t lane) {
  const std::size_t slot = next_slot_;
  next_slot_ = (next_slot_ + 1) % layout_.slots;
  ibv_sge piece{reinterpret_cast<std::uint64_t>(memory_.data() + layout_.receive_offset(slot)),
                static_cast<std::uint32_t>(layout_.stride), region_->lkey};
  ibv_recv_wr work{};
  work.wr_id = WorkId{WorkId::Kind::receive, static_cast<std::uint16_t>(lane),
                      static_cast<std::uint8_t>(slot)}
                   .pack();
  work.sg_list = &piece;
  work.num_sge = 1;
  ibv_recv_wr* bad = nullptr;
  const int result = shared_ ? ::ibv_post_srq_recv(shared_.get(), &work, &bad)
                             : ::ibv_post_recv(lanes_[lane].qp, &work, &bad);
  if (result != 0) throw call_error("ibv_post_recv", result);
}

nlohmann::json Endpoint::facts() const {
  nlohmann::json numbers = nlohmann::json::array();
  for (const Lane& lane : lanes_)
    numbers.push_back(lane.qp->qp_num);
  return {{"inline_limit", inline_limit_},
          {"memory_bytes", memory_.size()},
          {"huge_pages", huge_pages_ ? nlohmann::json(format_bytes(*huge_pages_)) : nullptr},
          {"queue_pair_numbers", numbers}};
}

}  // namespace migbench::verbs
