// An address that goes from node to node with the processes that have it, beside the nodes' own.
#pragma once

#include <string>

#include "harness/site/nodes/netlink.hpp"

namespace migbench::criu {

/// On the network namespace of the calling process. Throws Error.
class MovingAddress {
 public:
  MovingAddress(std::string address, std::string link);
  /// What was lent is taken back.
  ~MovingAddress();
  MovingAddress(const MovingAddress&) = delete;
  MovingAddress& operator=(const MovingAddress&) = delete;

  /// On the loopback link: sockets can be bound to it, but nobody outside is answered.
  void lend();
  /// The address is here from now on, and all are told.
  void arrive();
  /// It is no longer here.
  void leave();

 private:
  std::string address_, link_;
  Netlink net_;
  ArpAnnouncer announcer_;
  bool lent_ = false;
};

}  // namespace migbench::criu
