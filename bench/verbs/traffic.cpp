#include "bench/verbs/traffic.hpp"

#include <algorithm>

namespace migbench::verbs {

Traffic::Traffic(Connected& link)
    : link_(link),
      endpoint_(link.endpoint()),
      settings_(link.settings()),
      watch_(link.control(), settings_.deadline),
      receives_(receives(settings_.operation)),
      credits_(spare_work(settings_) > 0),
      ways_(endpoint_.lanes().size()) {
  for (std::size_t lane = 0; lane < ways_.size(); ++lane)
    lane_of_number_[endpoint_.lanes()[lane].qp->qp_num] = lane;
  fill_receives();
  link_.meet();  // no message may come before its receive
}

void Traffic::fill_receives() {
  const int each = receives_ ? settings_.receive_depth + spare_work(settings_) : 0;
  for (int i = 0; i < each; ++i)
    for (std::size_t lane = 0; lane < ways_.size(); ++lane)
      endpoint_.post_receive(lane);
}

void Traffic::set_size(Bytes size) {
  size_ = size;
  group_ = group_of(settings_, size);
  window_ = window_of(settings_, size);
  // A group must find its credits at once.
  if (credits_) group_ = std::min(group_, settings_.receive_depth);
  for (std::size_t lane = 0; lane < ways_.size(); ++lane)
    prepare_group(lane);
}

void Traffic::prepare_group(std::size_t lane) {
  auto& group = ways_[lane].group;
  group.resize(static_cast<std::size_t>(group_));
  for (std::size_t i = 0; i < group.size(); ++i) {
    endpoint_.prepare(group[i], lane, settings_.operation, size_, 0);
    group[i].work.next = i + 1 < group.size() ? &group[i + 1].work : nullptr;
  }
  ibv_send_wr& last = group.back().work;
  last.send_flags |= IBV_SEND_SIGNALED;
  last.wr_id = WorkId{WorkId::Kind::data, static_cast<std::uint16_t>(lane), 0,
                      static_cast<std::uint16_t>(group_)}
                   .pack();
}

bool Traffic::has_room(const Way& way) const {
  return way.on_the_way + group_ <= window_ &&
         (!credits_ || way.uncredited + group_ <= settings_.receive_depth);
}

void Traffic::post_group(std::size_t lane) {
  Way& way = ways_[lane];
  endpoint_.post(lane, way.group.front());
  way.on_the_way += group_;
  if (credits_) way.uncredited += group_;
  posted_ += group_;
}

void Traffic::post_more() {
  std::size_t full = 0;
  while (full < ways_.size()) {
    const std::size_t lane = turn_;
    turn_ = (turn_ + 1) % ways_.size();
    if (has_room(ways_[lane])) {
      post_group(lane);
      full = 0;
    } else {
      ++full;
    }
  }
}

void Traffic::post_one(std::size_t slot) {
  const std::size_t lane = turn_;
  turn_ = (turn_ + 1) % ways_.size();
  Endpoint::Request request;
  endpoint_.prepare(request, lane, settings_.operation, size_, slot);
  request.work.send_flags |= IBV_SEND_SIGNALED;
  endpoint_.post(lane, request);
  ++ways_[lane].on_the_way;
  if (credits_) ++ways_[lane].uncredited;
  ++posted_;
}

bool Traffic::reap() {
  const auto found = endpoint_.completions().reap(found_, watch_);
  for (const ibv_wc& completion : found)
    handle(completion);
  return !found.empty();
}

void Traffic::handle(const ibv_wc& completion) {
  const WorkId id = WorkId::unpack(completion.wr_id);
  switch (id.kind) {
    case WorkId::Kind::data:
      ways_[id.lane].on_the_way -= id.messages;
      completed_ += id.messages;
      break;
    case WorkId::Kind::credit:
      break;
    case WorkId::Kind::receive:
      take_receive(completion, id);
      break;
  }
}

std::size_t Traffic::lane_of(const ibv_wc& completion, const WorkId& id) const {
  if (!settings_.shared_receive_queue) return id.lane;
  return lane_of_number_.at(completion.qp_num);
}

void Traffic::take_receive(const ibv_wc& completion, const WorkId& id) {
  const std::size_t lane = lane_of(completion, id);
  Way& way = ways_[lane];
  endpoint_.post_receive(lane);
  const bool has_value = (completion.wc_flags & IBV_WC_WITH_IMM) != 0;
  if (has_value && completion.opcode == IBV_WC_RECV) {
    way.uncredited -= completion.imm_data;
    return;
  }
  ++received_;
  if (keep_slots_) slots_.push_back(id.slot);
  if (!credits_ || ++way.to_grant < static_cast<std::uint32_t>(settings_.receive_depth) / 4) return;
  Endpoint::Request credit;
  endpoint_.prepare_credit(credit, lane, way.to_grant);
  endpoint_.post(lane, credit);
  way.to_grant = 0;
}

void Traffic::drain() {
  while (completed_ < posted_)
    (void)reap();
}

}  // namespace migbench::verbs
