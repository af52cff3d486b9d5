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

void RoundTrips::wait_for(std::uint64_t sent, std::uint64_t received) {
  while (sent_ < sent || received_ < received) {
    for (const ibv_wc& completion : endpoint_.completions().reap(found_, watch_)) {
      const WorkId id = WorkId::unpack(completion.wr_id);
      if (id.kind == WorkId::Kind::receive) {
        ++received_;
        endpoint_.post_receive(id.lane);
      } else {
        ++sent_;
      }
    }
  }
}

void RoundTrips::round_trip() {
  ++mark_;
  const std::uint64_t expected = received_ + 1;
  send();
  if (receives(operation_)) {
    wait_for(posted_, expected);
  } else {
    wait_for(posted_, 0);
    if (operation_ == Operation::write) wait_for_mark();
  }
  turn_ = (turn_ + 1) % requests_.size();
}

void RoundTrips::answer() {
  ++mark_;
  if (receives(operation_)) {
    // The next message cannot come before this one is answered, so all that has come is this one.
    wait_for(posted_, answered_ + 1);
    ++answered_;
  } else {
    wait_for_mark();
  }
  send();
  if (!receives(operation_)) wait_for(posted_, 0);
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
  wait_for(posted_, 0);
}

}  // namespace migbench::verbs
