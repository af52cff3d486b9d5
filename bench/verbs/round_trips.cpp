#include "bench/verbs/round_trips.hpp"

#include "bench/clock.hpp"

namespace migbench::verbs {

void RoundTrips::set_size(Bytes size) {
  operation_ = link_.settings().operation;
  requests_.resize(endpoint_.lanes().size());
  for (std::size_t lane = 0; lane < requests_.size(); ++lane) {
    endpoint_.prepare(requests_[lane], lane, operation_, size, 0);
    requests_[lane].work.send_flags |= IBV_SEND_SIGNALED;
  }
  const Layout& layout = endpoint_.layout();
  auto* memory = reinterpret_cast<std::uint8_t*>(endpoint_.memory());
  mark_out_ = memory + layout.send_offset(0) + size.count - 1;
  mark_in_ = memory + layout.payload_offset(0) + size.count - 1;
  mark_ = 0;
  turn_ = 0;
  memory[layout.payload_offset(0) + size.count - 1] = 0;
  link_.meet();  // no message of this size may come before the mark was cleared
}

void RoundTrips::send() {
  *mark_out_ = mark_;
  endpoint_.post(turn_, requests_[turn_]);
  ++posted_;
}

void RoundTrips::wait_for_mark() {
  // The device writes behind the compiler's back.
  while (__atomic_load_n(mark_in_, __ATOMIC_ACQUIRE) != mark_)
    watch_.idle();
  watch_.progress();
}

void RoundTrips::wait_for_sent() {
  Completions& completions = endpoint_.completions();
  while (sent_ < posted_)
    sent_ += completions.reap(completions.sent(), found_, watch_).size();
}

void RoundTrips::wait_for_message() {
  Completions& completions = endpoint_.completions();
  // Never more than one: the peer's next message is the answer to one that was not sent yet.
  std::span<const ibv_wc> found;
  while (found.empty())
    found = completions.reap(completions.received(), found_, watch_);
  endpoint_.post_receive(WorkId::unpack(found.front().wr_id).lane);
}

void RoundTrips::round_trip() {
  ++mark_;
  send();
  wait_for_sent();
  if (receives(operation_)) {
    wait_for_message();
  } else if (operation_ == Operation::write) {
    wait_for_mark();
  }
  turn_ = (turn_ + 1) % requests_.size();
}

void RoundTrips::answer() {
  ++mark_;
  if (receives(operation_)) {
    wait_for_message();
  } else {
    wait_for_mark();
  }
  send();
  wait_for_sent();
  turn_ = (turn_ + 1) % requests_.size();
}

void RoundTrips::lead(std::int64_t count, SampleStore* store) {
  std::int64_t before = now_ns();
  for (std::int64_t i = 0; i < count; ++i) {
    round_trip();
    if (store == nullptr) continue;
    const std::int64_t after = now_ns();
    store->add(after - before);
    before = after;
  }
}

void RoundTrips::follow(std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i)
    answer();
}

}  // namespace migbench::verbs
