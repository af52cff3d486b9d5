#include "udp_downtime/echo_server.hpp"

#include <cstring>

#include <netinet/in.h>
#include <sys/time.h>

#include "bench/error.hpp"
#include "bench/pacer.hpp"
#include "udp_downtime/packet.hpp"

namespace migbench::udp {
namespace {

// Below the probe's sender (50) and above its receiver (40), for when all share a machine: a server
// that works off a backlog must not keep the next packet from leaving.
constexpr int kEchoPriority = 45;

// One byte more than a packet, so that a longer one shows as such.
struct Request {
  std::array<std::uint8_t, kPacketSize + 1> bytes{};
  Endpoint sender;
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> control{};
  iovec vector{.iov_base = bytes.data(), .iov_len = bytes.size()};
  msghdr message{};

  void reset() noexcept {
    vector.iov_len = bytes.size();
    message = {};
    message.msg_name = &sender.address;
    message.msg_namelen = sizeof sender.address;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
  }
};

// The address that was asked becomes the source of the answer (a host may have several), but the
// interface is left to the routes: after a migration it may be another one.
void leave_interface_to_routes(msghdr& message) noexcept {
  cmsghdr* control = CMSG_FIRSTHDR(&message);
  if (control == nullptr) {
    message.msg_control = nullptr;
    message.msg_controllen = 0;
  } else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
    in_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(control), sizeof info);
    info.ipi_ifindex = 0;
    std::memcpy(CMSG_DATA(control), &info, sizeof info);
  } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
    in6_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(control), sizeof info);
    if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
    std::memcpy(CMSG_DATA(control), &info, sizeof info);
  }
}

bool is_request(const Request& request, ssize_t received) noexcept {
  if (received != static_cast<ssize_t>(kPacketSize)) return false;
  const auto header = decode(std::span(request.bytes).first(kPacketSize));
  return header && header->kind == PacketKind::request;
}

}  // namespace

Descriptor server_socket(const Endpoint& local) {
  Descriptor socket = bound_socket(local);
  const int on = 1;
  if (local.family() == AF_INET) {
    ::setsockopt(socket.get(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  } else {
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  }
  // stop() is looked at this often where no packet comes.
  const timeval patience{.tv_sec = 0, .tv_usec = 250'000};
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
    throw system_error("cannot set a receive timeout");
  return socket;
}

ServerHealth make_robust(int socket) noexcept {
  return {.realtime = use_realtime_priority(kEchoPriority),
          .receive_buffer = grow_buffer(socket, SO_RCVBUF, kSocketBuffer)};
}

ServerCounts serve(int socket, bool (*stop)()) noexcept {
  ServerCounts counts;
  Request request;
  while (!stop()) {
    request.reset();
    const ssize_t received = ::recvmsg(socket, &request.message, 0);
    if (received < 0) continue;  // the timeout, a signal, or an error of an earlier answer
    if (!is_request(request, received)) {
      ++counts.ignored;
      continue;
    }
    request.bytes[kKindOffset] = static_cast<std::uint8_t>(PacketKind::reply);
    request.vector.iov_len = kPacketSize;
    leave_interface_to_routes(request.message);
    // Never wait for room: one sender that does not read must not stop the others.
    const bool sent = ::sendmsg(socket, &request.message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
    ++(sent ? counts.answered : counts.unanswerable);
  }
  return counts;
}

}  // namespace migbench::udp
