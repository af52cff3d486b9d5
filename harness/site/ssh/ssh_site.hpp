// A site of real hosts that are reached by ssh. The harness's own machine is its head: mpirun and
// the downtime probe run there and nothing else does.
//
// migbench and MPI have to be on all hosts at the same paths, or in the PATH of a command that ssh
// runs.
#pragma once

#include <optional>

#include "harness/site/site.hpp"
#include "harness/site/ssh/ssh_target.hpp"

namespace migbench {

struct SshHost {
  std::string name;     ///< in records and to mpirun
  std::string address;  ///< on the workload's network, numeric
  SshTarget target;
};

struct SshSettings {
  std::vector<SshHost> hosts;
  std::string network{};  ///< "10.1.0.0/16": where MPI talks; empty: it chooses
};

/// {"kind": "ssh", "nodes": ["n1", "root@n2", {"host": "n3", "address": "10.0.0.3", "name": "c"}],
/// "network": "10.0.0.0/24", "options": ["-p", "2222"], "program": "ssh"}. An address that is not
/// given is looked up. Throws InputError.
[[nodiscard]] SshSettings ssh_settings(const nlohmann::json& settings);

/// The name of a guest at this address, by which mpirun reaches it: "guest-10-1-0-3". An address
/// will not do, since MPI takes what is before the first dot for a host's name.
[[nodiscard]] std::string guest_host_name(std::string address);

class SshNode final : public Node {
 public:
  /// Asks the host who it is. Throws Error where it does not answer or has no migbench.
  explicit SshNode(SshHost host);
  [[nodiscard]] const std::string& name() const override { return host_.name; }
  [[nodiscard]] const std::string& address() const override { return host_.address; }
  [[nodiscard]] Command enter(const Command& command) const override;
  void copy_to(const std::filesystem::path& here,
               const std::filesystem::path& there) const override;
  void copy_from(const std::filesystem::path& there,
                 const std::filesystem::path& here) const override;
  [[nodiscard]] bool shares_clock() const override { return false; }
  [[nodiscard]] nlohmann::json facts() const override;
  [[nodiscard]] const SshTarget& target() const noexcept { return host_.target; }
  [[nodiscard]] int cores() const;

 private:
  SshHost host_;
  nlohmann::json machine_;  ///< host_facts() as seen there
};

class SshSite final : public Site {
 public:
  explicit SshSite(const SshSettings& settings);
  ~SshSite() override;
  SshSite(const SshSite&) = delete;
  SshSite& operator=(const SshSite&) = delete;

  [[nodiscard]] std::string_view kind() const override { return "ssh"; }
  [[nodiscard]] const Place& head() const override { return *head_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Node>>& nodes() const override { return nodes_; }
  [[nodiscard]] Command mpi_command(const MpiJob& job) const override;
  [[nodiscard]] const std::filesystem::path& scratch() const override { return scratch_; }
  [[nodiscard]] std::vector<std::string> labels() const override { return {}; }
  [[nodiscard]] nlohmann::json facts() const override;

  /// Makes a guest a place that mpirun reaches by this name: `before` are the words before a
  /// command that this machine runs in it.
  void know_guest(const std::string& name, const std::vector<std::string>& before) const;
  void forget_guest(const std::string& name) const;

 private:
  std::string network_;
  std::filesystem::path scratch_;
  std::unique_ptr<Place> head_;
  std::vector<std::unique_ptr<Node>> nodes_;
  int cores_ = 0;  ///< of the smallest host
};

}  // namespace migbench
