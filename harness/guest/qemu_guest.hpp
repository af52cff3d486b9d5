// A guest of one QEMU process, without libvirt: for trials, for labs, and for tests of drivers that
// need a kernel or devices that this machine does not have. It cannot be migrated.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/guest/access.hpp"
#include "harness/guest/image.hpp"

namespace migbench::guest {

struct HostShare {
  std::string tag;             ///< as in Recipe::shares
  std::filesystem::path path;  ///< the host's directory
  bool read_only = true;
};

struct QemuOptions {
  Bytes memory{256UL << 20U};
  int vcpus = 1;
  bool kvm = false;
  std::string machine = "pc";
  std::string cpu = "max";
  std::vector<HostShare> shares{};
  /// Further options as QEMU takes them: "-device", "igb,...". Interfaces given here come after the
  /// agent's own (eth0).
  std::vector<std::string> extra{};
  std::vector<GuestInterface>
      interfaces{};  ///< settings of those further interfaces: eth1, eth2 ...
  std::string kernel_options{};
  std::string name = "guest";
  std::string program = "qemu-system-x86_64";
  /// Exact repetition: -icount with this shift; needs one vCPU and no KVM.
  std::optional<int> icount_shift{};
  /// Further TCP ports of the guest that this machine can reach, see QemuGuest::port_of().
  std::vector<int> forwarded{};
};

/// "hostfwd" rules: a port of 127.0.0.1, and the guest's port that it leads to.
struct Forward {
  int here = 0;
  int there = 0;
};

/// QEMU's command line.
[[nodiscard]] Command qemu_command(const GuestImage& image, const QemuOptions& options,
                                   const std::vector<Forward>& forwards);

/// Running from construction to destruction.
class QemuGuest final : public Place {
 public:
  /// Boots it and waits until its agent answers. Throws Error with the end of the console.
  QemuGuest(const GuestImage& image, const QemuOptions& options, Nanoseconds deadline);
  /// Starts it without waiting, so that several can boot at the same time: wait_until_up() is next.
  QemuGuest(const GuestImage& image, const QemuOptions& options);
  /// Throws Error with the end of the console.
  void wait_until_up(Nanoseconds deadline);
  ~QemuGuest() override;
  QemuGuest(const QemuGuest&) = delete;
  QemuGuest& operator=(const QemuGuest&) = delete;
  QemuGuest(QemuGuest&&) = delete;
  QemuGuest& operator=(QemuGuest&&) = delete;

  [[nodiscard]] const std::string& name() const override { return options_.name; }
  [[nodiscard]] const std::string& address() const override { return address_; }
  [[nodiscard]] Command enter(const Command& command) const override;
  void copy_to(const std::filesystem::path& here,
               const std::filesystem::path& there) const override;
  void copy_from(const std::filesystem::path& there,
                 const std::filesystem::path& here) const override;
  [[nodiscard]] bool shares_clock() const override { return false; }

  [[nodiscard]] Nanoseconds boot_time() const noexcept { return boot_; }
  [[nodiscard]] bool running() { return process_.running(); }
  [[nodiscard]] std::string console() const { return process_.output(); }
  /// Where 127.0.0.1 leads to this port of the guest, one of QemuOptions::forwarded.
  [[nodiscard]] int port_of(int guest_port) const;

 private:
  QemuOptions options_;
  std::vector<Forward> forwards_;
  std::int64_t start_ns_;
  Process process_;
  std::string address_;
  Access access_;
  Nanoseconds boot_{};
};

}  // namespace migbench::guest
