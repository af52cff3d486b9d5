#include "udp_downtime/endpoint.hpp"

#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include "bench/error.hpp"

namespace migbench::udp {
namespace {

// sockaddr_storage is meant to be read as the family it holds.
template <class Address>
Address& as(sockaddr_storage& storage) noexcept {
  return reinterpret_cast<Address&>(storage);
}
template <class Address>
const Address& as(const sockaddr_storage& storage) noexcept {
  return reinterpret_cast<const Address&>(storage);
}

InputError bad_address(const std::string& address) {
  return InputError{"'" + address + "' is no numeric IPv4 or IPv6 address"};
}

Endpoint ipv6_endpoint(const std::string& address, std::uint16_t port) {
  Endpoint endpoint;
  auto& v6 = as<sockaddr_in6>(endpoint.address);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  const auto percent = address.find('%');
  if (::inet_pton(AF_INET6, address.substr(0, percent).c_str(), &v6.sin6_addr) != 1)
    throw bad_address(address);
  if (percent != std::string::npos) {
    const std::string interface = address.substr(percent + 1);
    v6.sin6_scope_id = ::if_nametoindex(interface.c_str());
    if (v6.sin6_scope_id == 0)
      throw InputError{"'" + address + "': there is no network interface '" + interface + "'"};
  }
  endpoint.size = sizeof v6;
  return endpoint;
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

const sockaddr* Endpoint::get() const noexcept {
  return &as<sockaddr>(address);
}

sockaddr* Endpoint::get() noexcept {
  return &as<sockaddr>(address);
}

std::uint16_t Endpoint::port() const noexcept {
  return ntohs(family() == AF_INET6 ? as<sockaddr_in6>(address).sin6_port
                                    : as<sockaddr_in>(address).sin_port);
}

std::string Endpoint::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const std::string port_text = ":" + std::to_string(port());
  if (family() == AF_INET) {
    ::inet_ntop(AF_INET, &as<sockaddr_in>(address).sin_addr, buffer.data(), buffer.size());
    return buffer.data() + port_text;
  }
  const auto& v6 = as<sockaddr_in6>(address);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, buffer.data(), buffer.size());
  std::string text = "[" + std::string(buffer.data());
  std::array<char, IF_NAMESIZE> interface {};
  if (v6.sin6_scope_id != 0 && ::if_indextoname(v6.sin6_scope_id, interface.data()) != nullptr)
    text += "%" + std::string(interface.data());
  return text + "]" + port_text;
}

bool same(const Endpoint& a, const Endpoint& b) noexcept {
  if (a.family() != b.family() || a.port() != b.port()) return false;
  if (a.family() == AF_INET)
    return as<sockaddr_in>(a.address).sin_addr.s_addr == as<sockaddr_in>(b.address).sin_addr.s_addr;
  const auto& first = as<sockaddr_in6>(a.address);
  const auto& second = as<sockaddr_in6>(b.address);
  return first.sin6_scope_id == second.sin6_scope_id &&
         std::memcmp(&first.sin6_addr, &second.sin6_addr, sizeof first.sin6_addr) == 0;
}

Endpoint numeric_endpoint(const std::string& address, std::uint16_t port) {
  if (address.find(':') != std::string::npos) return ipv6_endpoint(address, port);
  Endpoint endpoint;
  auto& v4 = as<sockaddr_in>(endpoint.address);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) != 1) throw bad_address(address);
  endpoint.size = sizeof v4;
  return endpoint;
}

Descriptor bound_socket(const Endpoint& local) {
  Descriptor socket(::socket(local.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) throw system_error("cannot make a UDP socket for " + local.text());
  if (local.family() == AF_INET6) {
    const int both_families = 0;
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &both_families, sizeof both_families);
  }
  if (::bind(socket.get(), local.get(), local.size) != 0)
    throw system_error("cannot bind to " + local.text(),
                       "is the address this machine's, and the port free?");
  return socket;
}

Endpoint bound_to(int socket) {
  Endpoint local;
  local.size = sizeof local.address;
  if (::getsockname(socket, local.get(), &local.size) != 0)
    throw system_error("cannot read a socket's address");
  return local;
}

int grow_buffer(int socket, int which, int bytes) noexcept {
  const int forced = which == SO_RCVBUF ? SO_RCVBUFFORCE : SO_SNDBUFFORCE;
  if (::setsockopt(socket, SOL_SOCKET, forced, &bytes, sizeof bytes) != 0)
    ::setsockopt(socket, SOL_SOCKET, which, &bytes, sizeof bytes);
  int granted = 0;
  socklen_t size = sizeof granted;
  ::getsockopt(socket, SOL_SOCKET, which, &granted, &size);
  return granted;
}

}  // namespace migbench::udp
