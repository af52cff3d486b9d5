#include "bench/verbs/control.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "bench/program.hpp"

namespace migbench::verbs {
namespace {

using nlohmann::json;

constexpr std::uint32_t kLargestMessage = 256U << 20U;

const char* const kGone =
    "the peer has ended (its control connection is closed): its own messages say why";

/// Waits for `events`; false at the deadline. Looks for interruptions every 200 ms.
bool wait_for(int socket, short events, std::int64_t until_ns) {
  for (;;) {
    if (interrupted()) throw Error("interrupted");
    const std::int64_t left_ms = (until_ns - deadline_now_ns()) / 1'000'000;
    pollfd wanted{socket, events, 0};
    const int ready =
        ::poll(&wanted, 1, static_cast<int>(std::clamp<std::int64_t>(left_ms, 0, 200)));
    if (ready > 0) return true;
    if (left_ms <= 0) return false;
  }
}

void prepare(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // A host that is gone says nothing; without these its connection stays open for hours.
  const int seconds = 2;
  const int times = 5;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
}

}  // namespace

void SocketAddress::set_port(std::uint16_t port) noexcept {
  if (storage.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in*>(&storage)->sin_port = htons(port);
  }
}

std::uint16_t SocketAddress::port() const noexcept {
  return ntohs(storage.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

std::string SocketAddress::text() const {
  std::array<char, NI_MAXHOST> host{};
  const int result =
      ::getnameinfo(get(), size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST);
  return result == 0 ? host.data() : "?";
}

Control::Control(int socket) : socket_(socket), piece_(65536) {
  prepare(socket);
}

Control::~Control() {
  if (socket_ >= 0) ::close(socket_);
}

void Control::send(const json& message, Nanoseconds deadline) {
  std::vector<std::uint8_t> body = json::to_cbor(message);
  const auto size = static_cast<std::uint32_t>(body.size());
  std::array<std::uint8_t, 4> head{};
  for (std::size_t i = 0; i < head.size(); ++i)
    head[i] = static_cast<std::uint8_t>(size >> (8U * (3U - i)));
  body.insert(body.begin(), head.begin(), head.end());
  std::size_t done = 0;
  while (done < body.size()) {
    const ssize_t sent =
        ::send(socket_, body.data() + done, body.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      if (!wait_for(socket_, POLLOUT, deadline_now_ns() + deadline.count()))
        throw Error(
            "the peer takes nothing any more, and its connection is still open: is it "
            "stopped, or its host unreachable?");
      continue;
    }
    if (sent < 0) {
      (void)has_message();  // throws what the peer complained of before it went
      throw Error(kGone);
    }
    done += static_cast<std::size_t>(sent);
  }
}

void Control::pull() {
  while (!ended_) {
    const ssize_t got = ::recv(socket_, piece_.data(), piece_.size(), MSG_DONTWAIT);
    if (got > 0) {
      bytes_.insert(bytes_.end(), piece_.data(), piece_.data() + got);
    } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      break;
    } else if (got == 0 || errno != EINTR) {
      ended_ = true;
    }
  }
  unpack();
}

void Control::unpack() {
  const char* const kNotOurs = "what answers there is no migbench program of this version";
  while (bytes_.size() >= 4) {
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < 4; ++i)
      size = (size << 8U) | static_cast<std::uint8_t>(bytes_[i]);
    if (size > kLargestMessage) throw Error(kNotOurs);
    if (bytes_.size() < 4 + static_cast<std::size_t>(size)) return;
    const auto begin = bytes_.begin() + 4;
    const auto end = begin + static_cast<std::ptrdiff_t>(size);
    json message = json::from_cbor(begin, end, true, false);
    bytes_.erase(bytes_.begin(), end);
    if (!message.is_object()) throw Error(kNotOurs);
    if (message.contains("error") && message["error"].is_string())
      throw Error("the peer failed: " + message["error"].get<std::string>());
    inbox_.push_back(std::move(message));
  }
}

bool Control::has_message() {
  pull();
  if (inbox_.empty() && ended_) throw Error(kGone);
  return !inbox_.empty();
}

json Control::receive(Nanoseconds deadline) {
  const std::int64_t until = deadline_now_ns() + deadline.count();
  while (!has_message()) {
    if (!wait_for(socket_, POLLIN, until)) {
      throw Error(
          "the peer says nothing any more, and its connection is still open: is it stopped, or its "
          "host unreachable? (--deadline sets how long to wait)");
    }
  }
  json message = std::move(inbox_.front());
  inbox_.pop_front();
  return message;
}

void Control::complain(const std::string& error) noexcept {
  try {
    send({{"error", error}});
  } catch (const std::exception&) {
    // The peer is gone: there is nobody to tell.
    return;
  }
}

namespace {

/// A socket that listens on all addresses sees IPv4 ones as ::ffff:a.b.c.d, which librdmacm does
/// not take.
SocketAddress without_mapping(SocketAddress address) {
  auto* six = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (address.storage.ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
    return address;
  SocketAddress four;
  auto* plain = reinterpret_cast<sockaddr_in*>(&four.storage);
  plain->sin_family = AF_INET;
  plain->sin_port = six->sin6_port;
  std::memcpy(&plain->sin_addr, six->sin6_addr.s6_addr + 12, sizeof plain->sin_addr);
  four.size = sizeof(sockaddr_in);
  return four;
}

}  // namespace

SocketAddress Control::local() const {
  SocketAddress address;
  if (::getsockname(socket_, address.get(), &address.size) != 0)
    throw system_error("find the connection's own address");
  return without_mapping(address);
}

SocketAddress Control::peer() const {
  SocketAddress address;
  if (::getpeername(socket_, address.get(), &address.size) != 0)
    throw system_error("find the peer's address");
  return without_mapping(address);
}

namespace {

struct AddressListOwner {
  addrinfo* list = nullptr;
  AddressListOwner() = default;
  AddressListOwner(const AddressListOwner&) = delete;
  AddressListOwner& operator=(const AddressListOwner&) = delete;
  AddressListOwner(AddressListOwner&&) = delete;
  AddressListOwner& operator=(AddressListOwner&&) = delete;
  ~AddressListOwner() {
    if (list != nullptr) ::freeaddrinfo(list);
  }
};

/// Throws InputError for a name that nobody knows.
void look_up(const std::string& host, std::uint16_t port, int flags, AddressListOwner& found) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  const std::string service = std::to_string(port);
  const int result =
      ::getaddrinfo(host.empty() ? nullptr : host.c_str(), service.c_str(), &hints, &found.list);
  if (result != 0)
    throw InputError(fmt::format("'{}' is no host or address: {}", host, ::gai_strerror(result)));
}

/// A socket that listens or is connected; -1 with errno where this address does not do.
int try_address(const addrinfo& target, const std::string& from) {
  const int socket =
      ::socket(target.ai_family, target.ai_socktype | SOCK_CLOEXEC, target.ai_protocol);
  if (socket < 0) return -1;
  bool good = true;
  if (!from.empty()) {
    AddressListOwner local;
    look_up(from, 0, AI_NUMERICHOST, local);
    good = ::bind(socket, local.list->ai_addr, local.list->ai_addrlen) == 0;
  }
  if (good && ::connect(socket, target.ai_addr, target.ai_addrlen) == 0) return socket;
  const int number = errno;
  ::close(socket);
  errno = number;
  return -1;
}

}  // namespace

int listen_at(const std::string& address, std::uint16_t port, SocketAddress& bound) {
  AddressListOwner found;
  look_up(address.empty() ? "::" : address, port, AI_PASSIVE, found);
  const addrinfo& place = *found.list;
  const int socket = ::socket(place.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0 && errno == EAFNOSUPPORT && address.empty())
    return listen_at("0.0.0.0", port, bound);
  if (socket < 0) throw system_error("open a socket");
  const int on = 1;
  const int off = 0;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (place.ai_family == AF_INET6 && address.empty())
    ::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(socket, place.ai_addr, place.ai_addrlen) != 0 || ::listen(socket, 1) != 0 ||
      ::getsockname(socket, bound.get(), &bound.size) != 0) {
    const Error error = system_error(
        fmt::format("listen at {} port {}", address.empty() ? "any address" : address, port),
        "choose another --port, or another --bind");
    ::close(socket);
    throw error;
  }
  return socket;
}

Control accept_one(int listener, std::optional<Nanoseconds> deadline) {
  const std::int64_t until =
      deadline ? deadline_now_ns() + deadline->count() : std::numeric_limits<std::int64_t>::max();
  int client = -1;
  try {
    if (!wait_for(listener, POLLIN, until))
      throw Error(fmt::format("no client came within {} (--wait)", format_duration(*deadline)));
    client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) throw system_error("accept the client");
  } catch (...) {
    ::close(listener);
    throw;
  }
  ::close(listener);
  return Control(client);
}

Control connect_control(const std::string& host, std::uint16_t port, const std::string& from,
                        Nanoseconds deadline) {
  AddressListOwner found;
  look_up(host, port, 0, found);
  const std::int64_t until = deadline_now_ns() + deadline.count();
  for (;;) {
    for (const addrinfo* target = found.list; target != nullptr; target = target->ai_next) {
      const int socket = try_address(*target, from);
      if (socket >= 0) return Control(socket);
    }
    const int number = errno;
    if (interrupted()) throw Error("interrupted");
    if (deadline_now_ns() >= until) {
      errno = number;
      throw system_error(fmt::format("connect to {} port {}", host, port),
                         "start the server there first: the same program without a host");
    }
    ::usleep(50'000);
  }
}

}  // namespace migbench::verbs
