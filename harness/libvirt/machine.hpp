// A virtual machine on a node: the instance of environment `kvm`.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "harness/environment/environment.hpp"
#include "harness/guest/acceleration.hpp"
#include "harness/guest/access.hpp"
#include "harness/guest/image.hpp"
#include "harness/libvirt/extras.hpp"
#include "harness/libvirt/hypervisors.hpp"
#include "harness/libvirt/settings.hpp"

namespace migbench::libvirt {

/// A name and an address of the site's network, given back when the object goes.
class GuestAddress {
 public:
  /// On the local site a free one; else, and for a user's own image, the parameter
  /// `guest_address`. Throws InputError without it.
  GuestAddress(Site& site, const std::string& name, const MachineSettings& settings);
  ~GuestAddress();
  GuestAddress(const GuestAddress&) = delete;
  GuestAddress& operator=(const GuestAddress&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  [[nodiscard]] int prefix() const noexcept { return 24; }
  /// Makes the guest a place that the site's tools (mpirun's agent) can reach.
  void announce(const std::vector<std::string>& via) const;

 private:
  Site& site_;
  std::string name_;
  std::string address_;
  bool announced_here_ = false;
};

class Machine final : public Instance {
 public:
  /// Starts it. Throws Error where it cannot be started.
  Machine(Site& site, const InstanceRequest& request, const MachineSettings& settings,
          Extras extras = {});
  ~Machine() override;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Until it answers. Throws Error with the end of its console where it does not.
  void wait_until_up() const;

  [[nodiscard]] const std::string& name() const override { return address_.name(); }
  [[nodiscard]] const std::string& address() const override { return address_.address(); }
  [[nodiscard]] std::string service_address() override {
    return extras_.service_address.empty() ? address() : extras_.service_address;
  }
  /// A program that the guest does not have yet is brought there first, with its libraries.
  [[nodiscard]] Command enter(const Command& command) const override;
  void copy_to(const std::filesystem::path& here,
               const std::filesystem::path& there) const override;
  void copy_from(const std::filesystem::path& there,
                 const std::filesystem::path& here) const override;
  [[nodiscard]] bool shares_clock() const override { return false; }
  [[nodiscard]] Node& node() const override { return *node_; }
  [[nodiscard]] nlohmann::json facts() const override;
  [[nodiscard]] std::vector<std::string> labels() const override;
  [[nodiscard]] std::vector<std::string> rdma_labels() const override;

  // For techniques.
  [[nodiscard]] const std::string& domain_name() const noexcept { return domain_name_; }
  [[nodiscard]] Hypervisors& hypervisors() const noexcept { return *hypervisors_; }
  /// The hypervisor of a node that it is or shall be on; the boot files are brought there.
  [[nodiscard]] Host& host(Node& node) const;
  /// Says that it is there from now on.
  void moved_to(Node& node) { node_ = &node; }
  /// A directory that all nodes see, for saved memory.
  [[nodiscard]] std::filesystem::path directory() const;
  [[nodiscard]] const Extras& extras() const noexcept { return extras_; }
  /// It has a disk that both ends see, which libvirt has to be told: virtual nodes have one file
  /// system, and of cluster file systems it knows a few only.
  [[nodiscard]] bool told_shared() const;

 private:
  void wait_for_agent() const;
  void prepare_boot(Site& site);
  void boot();
  void bring_boot_files(const Node& node) const;
  void bring_program(const std::string& program) const;
  [[nodiscard]] std::string console() const;

  MachineSettings settings_;
  Extras extras_;  ///< goes after the rest: devices are given back when nothing has them any more
  std::shared_ptr<Hypervisors> hypervisors_;
  GuestAddress address_;
  Node* node_;
  std::string domain_name_;
  guest::Access access_;
  guest::Acceleration acceleration_;
  guest::GuestImage image_;
  mutable std::set<std::string> inside_;      ///< paths known to be in the guest
  mutable std::set<const Node*> boot_files_;  ///< nodes that have what it boots from
  std::string xml_;                           ///< effective
};

/// Each with its share_of() the parameters.
[[nodiscard]] std::vector<InstanceRequest> shared_out(std::vector<InstanceRequest> requests);

}  // namespace migbench::libvirt
