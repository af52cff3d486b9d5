// One iteration of every kind of measurement, and the loops that time it.
//
// This is the hot path. An exchange is a small value type whose call operator is one iteration as
// one rank sees it; the loops are templates over it, so that nothing but MPI is called: no virtual
// function, no allocation, no decision that could be made outside. MPI's return values are not
// looked at because errors are fatal in MPI's default error handler.
#pragma once

#include <cstddef>
#include <cstdint>

#include <mpi.h>

#include "bench/clock.hpp"
#include "bench/samples.hpp"

namespace migbench::pingpong {

inline constexpr int kDataTag = 1;
inline constexpr int kAckTag = 2;

/// What an exchange works on. It owns nothing.
struct Link {
  MPI_Comm comm = MPI_COMM_NULL;  ///< of the two ranks of a pair
  int peer = 0;                   ///< the other's rank in `comm`
  int size = 0;                   ///< bytes of a message
  int window = 1;                 ///< messages of a window
  std::byte* send = nullptr;
  std::byte* receive = nullptr;
  std::size_t stride = 0;           ///< between the messages of a window; 0: all use one buffer
  MPI_Request* requests = nullptr;  ///< room for 2 * window

  void send_one() const { MPI_Send(send, size, MPI_BYTE, peer, kDataTag, comm); }
  void receive_one() const {
    MPI_Recv(receive, size, MPI_BYTE, peer, kDataTag, comm, MPI_STATUS_IGNORE);
  }
  void start_send(int slot, MPI_Request* request) const {
    MPI_Isend(send + static_cast<std::size_t>(slot) * stride, size, MPI_BYTE, peer, kDataTag, comm,
              request);
  }
  void start_receive(int slot, MPI_Request* request) const {
    MPI_Irecv(receive + static_cast<std::size_t>(slot) * stride, size, MPI_BYTE, peer, kDataTag,
              comm, request);
  }
  void wait_all(int count) const { MPI_Waitall(count, requests, MPI_STATUSES_IGNORE); }
  void send_ack() const { MPI_Send(nullptr, 0, MPI_BYTE, peer, kAckTag, comm); }
  void receive_ack() const {
    MPI_Recv(nullptr, 0, MPI_BYTE, peer, kAckTag, comm, MPI_STATUS_IGNORE);
  }
};

struct BlockingPing {
  Link link;
  void operator()() const {
    link.send_one();
    link.receive_one();
  }
};

struct BlockingPong {
  Link link;
  void operator()() const {
    link.receive_one();
    link.send_one();
  }
};

struct NonblockingPing {
  Link link;
  void operator()() const {
    link.start_receive(0, &link.requests[0]);
    link.start_send(0, &link.requests[1]);
    link.wait_all(2);
  }
};

struct NonblockingPong {
  Link link;
  void operator()() const {
    link.start_receive(0, link.requests);
    link.wait_all(1);
    link.start_send(0, link.requests);
    link.wait_all(1);
  }
};

/// The ack is what makes the time of a window the time until the last message has *arrived*.
struct NonblockingWindowSend {
  Link link;
  void operator()() const {
    for (int i = 0; i < link.window; ++i)
      link.start_send(i, &link.requests[i]);
    link.wait_all(link.window);
    link.receive_ack();
  }
};

struct NonblockingWindowReceive {
  Link link;
  void operator()() const {
    for (int i = 0; i < link.window; ++i)
      link.start_receive(i, &link.requests[i]);
    link.wait_all(link.window);
    link.send_ack();
  }
};

/// Both ranks do this at once. No ack: a rank's own receives tell it that the other has sent.
struct NonblockingWindowBoth {
  Link link;
  void operator()() const {
    for (int i = 0; i < link.window; ++i)
      link.start_receive(i, &link.requests[i]);
    for (int i = 0; i < link.window; ++i)
      link.start_send(i, &link.requests[link.window + i]);
    link.wait_all(2 * link.window);
  }
};

struct BlockingWindowSend {
  Link link;
  void operator()() const {
    for (int i = 0; i < link.window; ++i)
      MPI_Send(link.send + static_cast<std::size_t>(i) * link.stride, link.size, MPI_BYTE,
               link.peer, kDataTag, link.comm);
    link.receive_ack();
  }
};

struct BlockingWindowReceive {
  Link link;
  void operator()() const {
    for (int i = 0; i < link.window; ++i)
      MPI_Recv(link.receive + static_cast<std::size_t>(i) * link.stride, link.size, MPI_BYTE,
               link.peer, kDataTag, link.comm, MPI_STATUS_IGNORE);
    link.send_ack();
  }
};

/// MPI_Sendrecv, because two ranks that both began with MPI_Send would wait for each other for
/// ever.
struct BlockingWindowBoth {
  Link link;
  void operator()() const {
    for (int i = 0; i < link.window; ++i) {
      const std::size_t offset = static_cast<std::size_t>(i) * link.stride;
      MPI_Sendrecv(link.send + offset, link.size, MPI_BYTE, link.peer, kDataTag,
                   link.receive + offset, link.size, MPI_BYTE, link.peer, kDataTag, link.comm,
                   MPI_STATUS_IGNORE);
    }
  }
};

template <class Exchange>
void repeat(std::int64_t count, const Exchange& exchange) {
  for (std::int64_t i = 0; i < count; ++i)
    exchange();
}

/// One sample an iteration and one clock reading an iteration: the stamp that ends one starts the
/// next, so that every sample holds the cost of exactly one reading.
template <class Exchange>
void time_each(std::int64_t count, const Exchange& exchange, SampleStore& samples) {
  std::int64_t last = now_ns();
  for (std::int64_t i = 0; i < count; ++i) {
    exchange();
    const std::int64_t now = now_ns();
    samples.add(now - last);
    last = now;
  }
}

/// One sample a batch of `iterations`.
template <class Exchange>
void time_batches(std::int64_t count, std::int64_t iterations, const Exchange& exchange,
                  SampleStore& samples) {
  std::int64_t last = now_ns();
  for (std::int64_t i = 0; i < count; ++i) {
    repeat(iterations, exchange);
    const std::int64_t now = now_ns();
    samples.add(now - last);
    last = now;
  }
}

}  // namespace migbench::pingpong
