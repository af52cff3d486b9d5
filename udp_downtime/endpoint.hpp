// Addresses and UDP sockets, IPv4 and IPv6 alike.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <sys/socket.h>

namespace migbench::udp {

inline constexpr std::uint16_t kDefaultPort = 17717;
/// Holds 64-byte packets at 100 us for several seconds; the default of 208 KiB holds 24 ms.
inline constexpr int kSocketBuffer = 64 << 20;

/// A file descriptor that is closed with its object.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  [[nodiscard]] int get() const noexcept { return number_; }
  [[nodiscard]] bool valid() const noexcept { return number_ >= 0; }

 private:
  int number_ = -1;
};

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;

  [[nodiscard]] int family() const noexcept { return address.ss_family; }
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] const sockaddr* get() const noexcept;
  [[nodiscard]] sockaddr* get() noexcept;
  /// "10.0.0.1:17717", "[fe80::1%eth0]:17717".
  [[nodiscard]] std::string text() const;
};

/// The same family, address and port (and scope, for a link-local address).
[[nodiscard]] bool same(const Endpoint& a, const Endpoint& b) noexcept;

/// "10.0.0.1", "::1", "fe80::1%eth0"; no name is looked up. Throws InputError.
[[nodiscard]] Endpoint numeric_endpoint(const std::string& address, std::uint16_t port);

/// A UDP socket bound to `local`. An IPv6 one takes IPv4 as well. Throws Error.
[[nodiscard]] Descriptor bound_socket(const Endpoint& local);

/// What a socket is bound to; useful after binding to port 0.
[[nodiscard]] Endpoint bound_to(int socket);

/// Asks for a buffer of `bytes`, past the system's limit where allowed. `which`: SO_RCVBUF or
/// SO_SNDBUF. Returns what the kernel granted for payload and its own accounting.
int grow_buffer(int socket, int which, int bytes) noexcept;

}  // namespace migbench::udp
