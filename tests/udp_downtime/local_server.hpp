// The real echo server in a thread of the test, and sockets to talk to it.
#pragma once

#include <atomic>
#include <thread>

#include <sys/time.h>

#include "udp_downtime/echo_server.hpp"
#include "udp_downtime/packet.hpp"
#include "udp_downtime/probe.hpp"

namespace migbench::udp::test {

inline std::atomic<bool> stop_server{false};

class LocalServer {
 public:
  explicit LocalServer(const std::string& address)
      : socket_(server_socket(numeric_endpoint(address, 0))) {
    stop_server = false;
    thread_ = std::thread([this] {
      (void)make_robust(socket_.get());
      counts_ = serve(socket_.get(), [] { return stop_server.load(); });
    });
  }
  ~LocalServer() { (void)stop(); }
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  [[nodiscard]] Endpoint at() const { return bound_to(socket_.get()); }
  ServerCounts stop() {
    stop_server = true;
    if (thread_.joinable()) thread_.join();
    return counts_;
  }

 private:
  Descriptor socket_;
  ServerCounts counts_;
  std::thread thread_;
};

/// A socket on the loopback that gives up waiting after `patience_ms`.
inline Descriptor test_socket(int patience_ms) {
  Descriptor socket = bound_socket(numeric_endpoint("127.0.0.1", 0));
  const timeval patience{.tv_sec = 0, .tv_usec = patience_ms * 1000};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return socket;
}

inline void send_to(const Descriptor& socket, std::span<const std::uint8_t> bytes,
                    const Endpoint& to) {
  (void)::sendto(socket.get(), bytes.data(), bytes.size(), 0, to.get(), to.size);
}

}  // namespace migbench::udp::test
