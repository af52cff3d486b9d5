// Two network namespaces joined by a veth pair: a client's and a server's side, with no name and no
// trace on the host. They live as long as a process in them or a socket of theirs.
#pragma once

#include <cstdint>
#include <string>

#include "udp_downtime/endpoint.hpp"

namespace migbench::udp {

inline constexpr const char* kClientAddress = "10.255.77.1";
inline constexpr const char* kServerAddress = "10.255.77.2";

/// Moves the calling thread, and the threads and processes it starts, into the client's namespace;
/// the destructor moves it back.
class NetworkPair {
 public:
  /// Needs CAP_SYS_ADMIN and CAP_NET_ADMIN. Throws Error.
  NetworkPair();
  ~NetworkPair();
  NetworkPair(const NetworkPair&) = delete;
  NetworkPair& operator=(const NetworkPair&) = delete;
  NetworkPair(NetworkPair&&) = delete;
  NetworkPair& operator=(NetworkPair&&) = delete;

  /// A socket for serve() in the server's namespace, at kServerAddress.
  [[nodiscard]] Descriptor make_server_socket() const;
  /// The client's end of the pair.
  [[nodiscard]] int client_interface() const noexcept { return client_interface_; }

 private:
  Descriptor home_;
  Descriptor client_;
  Descriptor server_;
  int client_interface_ = 0;
};

}  // namespace migbench::udp
