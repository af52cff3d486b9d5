// Drops every IPv4 packet between two instants: an eBPF program that compares the kernel's clock
// with a window that was set beforehand, so that no scheduling of ours is in its length.
#pragma once

#include <cstdint>
#include <string>

#include "udp_downtime/endpoint.hpp"

namespace migbench::udp {

class DropWindow {
 public:
  /// Attaches to what leaves `interface` (TCX, Linux 6.6 and later) or, where the kernel has no
  /// TCX, to what arrives at `server_socket` (a socket filter). Throws Error where eBPF is not
  /// allowed.
  DropWindow(int interface, int server_socket);
  ~DropWindow();
  DropWindow(const DropWindow&) = delete;
  DropWindow& operator=(const DropWindow&) = delete;
  DropWindow(DropWindow&&) = delete;
  DropWindow& operator=(DropWindow&&) = delete;

  /// Packets at start <= t < end of CLOCK_MONOTONIC are dropped. To be called before `start_ns`.
  void set(std::int64_t start_ns, std::int64_t end_ns) noexcept;
  /// How many it has dropped in all.
  [[nodiscard]] std::uint64_t dropped() const noexcept;
  /// "ebpf-tcx-egress" or "ebpf-socket-filter", for the record.
  [[nodiscard]] const std::string& method() const noexcept { return method_; }

 private:
  struct Shared;
  Shared* shared_ = nullptr;
  Descriptor map_;
  Descriptor program_;
  Descriptor link_;
  std::string method_;
};

}  // namespace migbench::udp
