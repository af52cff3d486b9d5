#include "harness/migration/criu/channel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"

namespace migbench::criu {
namespace {

sockaddr_in address_of(const std::string& address, int port) {
  sockaddr_in socket_address{};
  socket_address.sin_family = AF_INET;
  socket_address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, address.c_str(), &socket_address.sin_addr) != 1)
    throw InputError(fmt::format("'{}' is no IPv4 address", address));
  return socket_address;
}

int milliseconds_until(std::int64_t deadline_ns) {
  const std::int64_t left = (deadline_ns - deadline_now_ns() + 999'999) / 1'000'000;
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

}  // namespace

Channel::Channel(UniqueFd socket) : socket_(std::move(socket)) {
  const int yes = 1;
  // A word must not wait for the acknowledgement of the one before (40 ms of delayed ACK).
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const int flags = ::fcntl(socket_.get(), F_GETFL);
  ::fcntl(socket_.get(), F_SETFL, flags | O_NONBLOCK);
}

bool Channel::wait(short events, std::int64_t deadline_ns, int cancel) const {
  std::array<pollfd, 2> watched{pollfd{socket_.get(), events, 0}, pollfd{cancel, POLLIN, 0}};
  const int ready = ::poll(watched.data(), watched.size(), milliseconds_until(deadline_ns));
  if (ready < 0 && errno == EINTR) return true;
  if (ready == 0) throw Error("the other agent did not take or send data before the deadline");
  if (watched[1].revents != 0) throw Error("the harness asked to stop, or has ended");
  return true;
}

void Channel::send(Head head, std::string_view body, std::int64_t deadline_ns, int cancel) {
  head.size = body.size();
  std::array<iovec, 2> parts{iovec{&head, sizeof head},
                             iovec{const_cast<char*>(body.data()), body.size()}};
  std::size_t left = sizeof head + body.size();
  while (left > 0) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
      wait(POLLOUT, deadline_ns, cancel);
      continue;
    }
    if (sent < 0)
      throw system_error("send to the other agent", "its node or the network went away");
    auto done = static_cast<std::size_t>(sent);
    left -= done;
    for (iovec& part : parts) {
      const std::size_t take = std::min(done, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + take;
      part.iov_len -= take;
      done -= take;
    }
  }
}

bool Channel::read_fully(char* to, std::size_t size, std::int64_t deadline_ns, int cancel) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = ::recv(socket_.get(), to + done, size - done, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      wait(POLLIN, deadline_ns, cancel);
      continue;
    }
    if (got < 0) throw system_error("receive from the other agent", "its node went away");
    if (got == 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<Head> Channel::receive(std::string& body, std::int64_t deadline_ns, int cancel) {
  Head head;
  if (!read_fully(reinterpret_cast<char*>(&head), sizeof head, deadline_ns, cancel))
    return std::nullopt;
  if (head.size > kMostData) throw Error("the other side of the connection is no agent");
  body.resize(head.size);
  if (!read_fully(body.data(), body.size(), deadline_ns, cancel)) return std::nullopt;
  return head;
}

UniqueFd listen_at(const std::string& address) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in at = address_of(address, 0);
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
      ::listen(socket.get(), 1) != 0)
    throw system_error("listen at " + address);
  return socket;
}

int port_of(int socket) {
  sockaddr_in at{};
  socklen_t size = sizeof at;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    throw system_error("getsockname");
  return ntohs(at.sin_port);
}

UniqueFd connect_to(const std::string& address, int port, std::int64_t deadline_ns) {
  const std::string what = fmt::format("connect to the agent at {}:{}", address, port);
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) throw system_error("socket");
  const sockaddr_in at = address_of(address, port);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0)
    return socket;
  if (errno != EINPROGRESS) throw system_error(what);
  pollfd watched{socket.get(), POLLOUT, 0};
  if (::poll(&watched, 1, milliseconds_until(deadline_ns)) <= 0)
    throw Error(what + ": no answer before the deadline");
  int failure = 0;
  socklen_t size = sizeof failure;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
  errno = failure;
  if (failure != 0) throw system_error(what);
  return socket;
}

}  // namespace migbench::criu
