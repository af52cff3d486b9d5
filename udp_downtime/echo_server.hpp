// The echo server: one thread, one socket, no allocation and no open file while it serves, so that
// a checkpoint of it is small and it can run as the only program of a guest.
#pragma once

#include <cstdint>
#include <string>

#include "udp_downtime/endpoint.hpp"

namespace migbench::udp {

struct ServerCounts {
  std::uint64_t answered = 0;
  std::uint64_t ignored = 0;       ///< no request of ours: wrong size, magic, version or kind
  std::uint64_t unanswerable = 0;  ///< a request whose answer the kernel refused to send
};

/// What the server was granted; measuring without the first two loses packets on a loaded machine.
struct ServerHealth {
  bool realtime = false;   ///< SCHED_FIFO
  int receive_buffer = 0;  ///< bytes granted; kSocketBuffer was asked for
};

/// A socket for serve(), bound to `local`. Throws Error.
[[nodiscard]] Descriptor server_socket(const Endpoint& local);

/// Real-time priority for the calling thread and a large receive buffer, each where allowed.
[[nodiscard]] ServerHealth make_robust(int socket) noexcept;

/// Answers every request with itself, marked as a reply, of the same size, from the address that
/// was asked to the address that asked. Returns within 250 ms of `stop()` becoming true.
[[nodiscard]] ServerCounts serve(int socket, bool (*stop)()) noexcept;

}  // namespace migbench::udp
