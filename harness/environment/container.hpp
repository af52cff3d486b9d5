// The environment `container` and what techniques need of it.
//
// A container has its own network namespace with a fixed MAC and address, mount, uts, ipc and pid
// namespaces, and a control group. Everything but its processes is a ContainerShell, which is made
// on a node without any process too: a technique prepares an empty one on the destination, moves
// the processes into it, and hands it to the instance with adopt().
//
// Its root is the machine's, read-only; /tmp, /run and /dev/shm are volumes of its own, which lie
// on a tmpfs that all nodes of the site share, as volumes of containers on a cluster do; the site's
// directory (with scratch) is at its usual path.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/environment/environment.hpp"
#include "harness/site/local/local_site.hpp"
#include "harness/site/nodes/container_shell.hpp"
#include "harness/site/nodes/netlink.hpp"

namespace migbench {

/// A container on one node without its processes. Its destructor kills what runs in it and takes it
/// away.
class ContainerShell {
 public:
  /// `started`: with process 1, and the port up; else empty, and the port down.
  ContainerShell(LocalSite& site, LocalNode& node, ContainerPlan plan, bool started);
  ~ContainerShell();
  ContainerShell(const ContainerShell&) = delete;
  ContainerShell& operator=(const ContainerShell&) = delete;

  [[nodiscard]] LocalNode& node() const noexcept { return node_; }
  /// Process 1 of the container as its node sees it; 0 in an empty shell.
  [[nodiscard]] pid_t init() const noexcept { return init_; }
  /// Paths on the node. The root is a mount point (criu restore --root).
  [[nodiscard]] std::filesystem::path root() const { return container_root(plan_.name); }
  [[nodiscard]] std::filesystem::path network_path() const { return container_network(plan_.name); }
  /// The network namespace, open here, and its inode (criu dump --external net[INODE]:...).
  [[nodiscard]] int network_namespace() const noexcept { return network_.get(); }
  [[nodiscard]] ino_t network_inode() const;
  /// Every mount but the root and /proc, with the key under which CRIU is to know it.
  [[nodiscard]] std::vector<ExternalMount> externals() const { return external_mounts(plan_); }
  /// On the machine's cgroup file system; empty where none can be made.
  [[nodiscard]] const std::filesystem::path& cgroup() const noexcept { return plan_.cgroup; }
  [[nodiscard]] const ContainerPlan& plan() const noexcept { return plan_; }

  /// The command that runs `command` on the node (not in the container), born in the container's
  /// control group: for `criu restore`, whose children are to be in it.
  [[nodiscard]] Command enter_node_in_group(const Command& command) const;

  /// The port in the node's bridge, up or down: some 50 us over a netlink socket made beforehand.
  void set_port(bool up);
  /// Tells every bridge and neighbour where the address is now.
  void announce() const { announcer_->announce(); }
  /// Kills all processes in it. Throws Error where some stay.
  void kill();

 private:
  friend class ContainerInstance;
  void take_away() noexcept;

  LocalSite& site_;
  LocalNode& node_;
  ContainerPlan plan_;
  pid_t init_ = 0;
  bool volumes_ = false;  ///< whether the container's files go with it
  UniqueFd network_;
  std::unique_ptr<Netlink> node_net_;
  std::unique_ptr<ArpAnnouncer> announcer_;
};

class ContainerInstance : public Instance {
 public:
  /// Brings it up. Throws Error.
  ContainerInstance(LocalSite& site, LocalNode& node, const std::string& name);
  ~ContainerInstance() override;
  ContainerInstance(const ContainerInstance&) = delete;
  ContainerInstance& operator=(const ContainerInstance&) = delete;

  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const std::string& address() const override { return address_; }
  /// Started as a descendant of the container's process 1 with files as standard streams, so that
  /// it moves with the container; the command that enters goes on passing its output and its exit
  /// status afterwards.
  [[nodiscard]] Command enter(const Command& command) const override;
  void copy_to(const std::filesystem::path& here,
               const std::filesystem::path& there) const override;
  void copy_from(const std::filesystem::path& there,
                 const std::filesystem::path& here) const override;
  [[nodiscard]] bool shares_clock() const override { return true; }
  [[nodiscard]] Node& node() const override { return shell_->node(); }
  [[nodiscard]] nlohmann::json facts() const override;

  [[nodiscard]] LocalSite& site() const noexcept { return site_; }
  [[nodiscard]] ContainerShell& shell() const noexcept { return *shell_; }
  [[nodiscard]] std::string mac() const { return mac_of(address_); }

  /// An empty twin on another node, its port down. Throws InputError for the node that it is on.
  [[nodiscard]] std::unique_ptr<ContainerShell> prepare_shell(LocalNode& destination) const;
  /// The container is in `twin` from now on, with the process 1 that the destination sees as
  /// `init`. Returns the shell that it was in, to be dropped; ports and processes are the caller's.
  [[nodiscard]] std::unique_ptr<ContainerShell> adopt(std::unique_ptr<ContainerShell> twin,
                                                      pid_t init);

 protected:
  /// With a shell that is still empty, for another way to start process 1.
  struct Empty {};
  ContainerInstance(LocalSite& site, LocalNode& node, const std::string& name, Empty empty);
  /// Process 1 runs in the shell now: opens the port and tells where it is.
  void begin(pid_t init);
  /// In which commands that enter are born (PlaceEntry::cgroup).
  [[nodiscard]] virtual std::string groups() const { return shell_->cgroup().string(); }

 private:
  ContainerInstance(LocalSite& site, LocalNode& node, const std::string& name, bool started);
  void publish() const;
  [[nodiscard]] std::filesystem::path path_from_here(const std::filesystem::path& inside) const;

  LocalSite& site_;
  std::string name_, address_;
  std::unique_ptr<ContainerShell> shell_;
};

}  // namespace migbench
