// The bridge port of a moved container: opened and shut by one netlink message.
//
// Shutting the port keeps the link itself up. Taking the link down and up again would cost a round
// of carrier detection, and a command-line tool 2 to 11 ms. A shut port also is the network lock of
// the frozen sockets: nothing reaches them that the kernel would acknowledge behind CRIU's back.
#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/site/nodes/netlink.hpp"
#include "harness/site/unique_fd.hpp"

struct nl_sock;

namespace migbench::criu {

class BridgePort {
 public:
  /// `link`: the port's link in the calling thread's network namespace. Throws Error.
  explicit BridgePort(const std::string& link);
  void open() const { set_state(3); }  // BR_STATE_FORWARDING
  void shut() const { set_state(0); }  // BR_STATE_DISABLED

 private:
  struct Close {
    void operator()(nl_sock* socket) const noexcept;
  };
  void set_state(std::uint8_t state) const;
  std::unique_ptr<nl_sock, Close> socket_;
  std::string link_;
  int index_ = 0;
};

/// Sends a gratuitous ARP from inside the container's namespace, so that every bridge on the way
/// learns where the address is now. `settings`: {"netns": path, "link", "mac", "address"}.
[[nodiscard]] ArpAnnouncer make_announcer(const nlohmann::json& settings);

}  // namespace migbench::criu
