// A machine with devices, as a tree of files: what sysfs shows, and what the kernel does when it is
// written to. The tree is all the state there is, so that a process can die at any step and another
// one can go on.
//
//   0000:01:00.0  igb PF, eth5, 7 VFs, group 1      0000:02:00.0  mlx5_core PF, InfiniBand, 4 VFs,
//   group 2 0000:03:00.0  e1000e, eth0: this machine's own network, group 3 with 0000:03:00.1
//   (snd_hda)
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "harness/device/kernel.hpp"

namespace migbench::testing {

class FakeMachine : public device::Kernel {
 public:
  /// Over a tree that make() made. `die_at`: SIGKILL to this process at that step; a change is two
  /// steps, before and after it.
  explicit FakeMachine(const std::filesystem::path& root, int die_at = -1);
  static void make(const std::filesystem::path& root);

  void write(const std::string& path, const std::string& text) override;
  [[nodiscard]] Finished run(const std::vector<std::string>& argv) const override;
  [[nodiscard]] std::string firmware(const std::string& /*netdev*/) const override {
    return "1.0-fake";
  }

  [[nodiscard]] Nanoseconds patience() const override { return std::chrono::milliseconds(50); }

  /// Every file, link and setting, to compare.
  [[nodiscard]] std::map<std::string, std::string> snapshot() const;
  /// What libvirt does with managed='yes'.
  void give_to_vfio(const std::string& address);
  void put(const std::string& path, const std::string& text) const;
  [[nodiscard]] nlohmann::json state() const;
  void keep(const nlohmann::json& state) const;
  /// A process that has a file open.
  void open_in_process(int pid, const std::string& file) const;

 private:
  void step() const;
  void change_functions(const std::string& address, int count);
  void bind(const std::string& address, const std::string& driver);
  void unbind(const std::string& address);

  std::filesystem::path root_;
  int die_at_;
  mutable int steps_ = 0;
};

}  // namespace migbench::testing
