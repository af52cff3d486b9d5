// Virtual nodes that are reached as a cluster's hosts are: by a real sshd on each, with a libvirtd
// at its usual socket; the head stands for the user's machine.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/libvirt/daemon.hpp"
#include "tests/kvm/kvm_fixture.hpp"

namespace migbench {

/// Or the test is skipped; to be asked first.
void need_ssh();

/// A user's key, and every place of the site configured to use it: ssh asks nothing.
class SshKey {
 public:
  explicit SshKey(Site& site);
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
  [[nodiscard]] std::filesystem::path authorized() const { return directory_ / "id.pub"; }
  [[nodiscard]] std::filesystem::path host_key() const { return directory_ / "host"; }

 private:
  std::filesystem::path directory_;
};

class SshCluster {
 public:
  explicit SshCluster(int nodes);
  [[nodiscard]] Site& site() const noexcept { return *site_; }
  [[nodiscard]] const SshKey& key() const noexcept { return *key_; }
  /// Runs a plan with these experiments from the head; its records, each as it was stored.
  [[nodiscard]] std::vector<nlohmann::json> run(const nlohmann::json& experiments) const;

 private:
  std::unique_ptr<Site> site_;
  std::unique_ptr<SshKey> key_;
  std::vector<std::unique_ptr<libvirt::Daemon>> daemons_;
  std::vector<Process> sshds_;
};

}  // namespace migbench
