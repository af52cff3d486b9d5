// The latency measurement's hot loop: one message there, one back (a read: there and back at once).
//
// A write is noticed by its last byte in memory, as an application would; a send and a write with
// immediate by their completion. Each side waits for the completion of its own message before the
// peer's next, as ib_write_lat and ib_send_lat do; with events that is a sleep of its own.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "bench/samples.hpp"
#include "bench/verbs/connected.hpp"

namespace migbench::verbs {

class RoundTrips {
 public:
  RoundTrips(Connected& link, Watch& watch)
      : link_(link), endpoint_(link.endpoint()), watch_(watch) {}

  /// Both sides; nothing may be on its way.
  void set_size(Bytes size);
  /// The client's side: so many round trips, each of them a sample where there is a store.
  void lead(std::int64_t count, SampleStore* store);
  /// The server's side of as many. A read needs none.
  void follow(std::int64_t count);

 private:
  void send();
  void wait_for_mark();
  /// Until all of the own messages have completed.
  void wait_for_sent();
  /// For the peer's next message; its receive is posted again.
  void wait_for_message();
  void round_trip();
  void answer();

  Connected& link_;
  Endpoint& endpoint_;
  Watch& watch_;
  Operation operation_ = Operation::write;
  std::vector<Endpoint::Request> requests_{};
  std::array<ibv_wc, 4> found_{};
  std::uint8_t* mark_out_ = nullptr;
  const std::uint8_t* mark_in_ = nullptr;
  std::uint8_t mark_ = 0;
  std::size_t turn_ = 0;
  std::uint64_t posted_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace migbench::verbs
