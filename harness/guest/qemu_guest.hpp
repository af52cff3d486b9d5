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
};

/// QEMU's command line; `agent_port` is forwarded to the guest's agent on 127.0.0.1.
[[nodiscard]] Command qemu_command(const GuestImage& image, const QemuOptions& options,
                                   int agent_port);

/// Running from construction to destruction.
class QemuGuest final : public Place {
 public:
  /// Boots it and waits until its agent answers. Throws Error with the end of the console.
  QemuGuest(const GuestImage& image, const QemuOptions& options, Nanoseconds deadline);
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

 private:
  QemuOptions options_;
  int port_;
  Process process_;
  std::string address_;
  Access access_;
  Nanoseconds boot_{};
};

}  // namespace migbench::guest
