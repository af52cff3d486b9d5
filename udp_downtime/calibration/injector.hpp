// Makes outages of known length between the two sides of a network pair.
#pragma once

#include <memory>

#include <sys/types.h>

#include "udp_downtime/calibration/calibrate.hpp"
#include "udp_downtime/calibration/drop_window.hpp"
#include "udp_downtime/calibration/network_pair.hpp"

namespace migbench::udp {

/// The echo server as a child process that dies with the thread that made it.
class EchoChild {
 public:
  /// Must be made before other threads are started. Throws Error.
  explicit EchoChild(int server_socket);
  ~EchoChild();
  EchoChild(const EchoChild&) = delete;
  EchoChild& operator=(const EchoChild&) = delete;
  EchoChild(EchoChild&&) = delete;
  EchoChild& operator=(EchoChild&&) = delete;
  void signal(int number) const noexcept;

 private:
  pid_t pid_ = -1;
};

class Injector {
 public:
  /// Puts the calling thread into the client's side of a fresh pair, with a server on the other.
  explicit Injector(bool with_drops);

  /// Makes one outage, returns when it is over. Blocks for its length. The calling thread should
  /// have real-time priority.
  [[nodiscard]] Injection inject(OutageKind kind, Nanoseconds nominal, Nanoseconds length);
  [[nodiscard]] Endpoint server() const;
  /// Empty without drops.
  [[nodiscard]] std::string drop_method() const;

 private:
  [[nodiscard]] Injection drop(Nanoseconds length);
  [[nodiscard]] Injection pause(Nanoseconds length);

  NetworkPair network_;
  Descriptor server_socket_;
  std::unique_ptr<DropWindow> window_;
  EchoChild child_;
};

}  // namespace migbench::udp
