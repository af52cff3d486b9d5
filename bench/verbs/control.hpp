// The TCP connection beside the device: what both sides agree on, exchange and complain of. It is
// also how the end of the peer is noticed at once, long before a queue pair gives up.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include "bench/units.hpp"

namespace migbench::verbs {

/// A numeric socket address, IPv4 or IPv6.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);
  [[nodiscard]] const sockaddr* get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
  [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  void set_port(std::uint16_t port) noexcept;
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] std::string text() const;  ///< "10.0.0.1" or "fe80::1%eth0"
};

class Control {
 public:
  explicit Control(int socket);
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
  Control(Control&& other) noexcept
      : socket_(other.socket_),
        ended_(other.ended_),
        piece_(std::move(other.piece_)),
        bytes_(std::move(other.bytes_)),
        inbox_(std::move(other.inbox_)) {
    other.socket_ = -1;
  }
  Control& operator=(Control&&) = delete;

  /// Throws Error where the peer is gone, or takes nothing for so long.
  void send(const nlohmann::json& message, Nanoseconds deadline = std::chrono::seconds(10));
  /// The next message. Throws Error where the peer is gone, says that it failed ({"error"}), or
  /// says nothing until the deadline.
  [[nodiscard]] nlohmann::json receive(Nanoseconds deadline);
  /// Tells the peer why this side ends; whether that arrives does not matter any more.
  void complain(const std::string& error) noexcept;

  /// Whether the next receive() has something at once; never waits. Throws as receive() does where
  /// the peer is gone or has failed.
  [[nodiscard]] bool has_message();
  [[nodiscard]] int descriptor() const noexcept { return socket_; }
  [[nodiscard]] SocketAddress local() const;
  [[nodiscard]] SocketAddress peer() const;

 private:
  void pull();
  void unpack();
  int socket_;
  bool ended_ = false;
  std::vector<char> piece_;    ///< for one system call; not on the stack, where it would be cleared
  std::vector<char> bytes_{};  ///< arrived, no whole message yet
  std::deque<nlohmann::json> inbox_{};  ///< arrived, not received yet
};

/// Waits for one client at `address` (empty: any) and `port`; calls announce(address) when it
/// listens. Throws InputError for a bad address, Error where nobody came before the deadline
/// (none: for ever).
template <class Announce>
[[nodiscard]] Control accept_control(const std::string& address, std::uint16_t port,
                                     std::optional<Nanoseconds> deadline, Announce announce);

/// A listening socket and its address, for accept_control().
[[nodiscard]] int listen_at(const std::string& address, std::uint16_t port, SocketAddress& bound);
[[nodiscard]] Control accept_one(int listener, std::optional<Nanoseconds> deadline);

template <class Announce>
Control accept_control(const std::string& address, std::uint16_t port,
                       std::optional<Nanoseconds> deadline, Announce announce) {
  SocketAddress bound;
  const int listener = listen_at(address, port, bound);
  announce(bound);
  return accept_one(listener, deadline);
}

/// Tries until the deadline, so that the server may start later. `from`: the local address, or
/// empty. Throws InputError for a name that does not exist, Error otherwise.
[[nodiscard]] Control connect_control(const std::string& host, std::uint16_t port,
                                      const std::string& from, Nanoseconds deadline);

}  // namespace migbench::verbs
