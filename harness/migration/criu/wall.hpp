// Keeps every packet from the sockets of a network namespace while they are dumped.
//
// A shut bridge port stops what comes from outside, but not what is under way on loopback or waits
// in a queue of the kernel: it would be received, and acknowledged, behind CRIU's back ('recv
// failed (68, want 38)'). CRIU's own lock is made connection by connection where CRIU is in the
// namespace itself, at some milliseconds each; this is one netlink batch.
#pragma once

#include <memory>

struct nl_sock;

namespace migbench::criu {

class PacketWall {
 public:
  /// `network`: descriptor of the namespace. Throws Error where the kernel has no nf_tables.
  explicit PacketWall(int network);
  /// An input chain that drops all. Sending is let alone: a dropped packet would be an error of
  /// sendto() in a program that still runs.
  void put_up();
  /// Nothing happens where it is not up.
  void take_down() noexcept;
  ~PacketWall() { take_down(); }
  PacketWall(const PacketWall&) = delete;
  PacketWall& operator=(const PacketWall&) = delete;

 private:
  struct Close {
    void operator()(nl_sock* socket) const noexcept;
  };
  std::unique_ptr<nl_sock, Close> socket_;
  bool up_ = false;
};

}  // namespace migbench::criu
