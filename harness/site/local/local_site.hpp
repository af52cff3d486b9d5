// The local site: virtual nodes on this machine, held by a supervisor process.
#pragma once

#include "harness/site/nodes/layout.hpp"
#include "harness/site/site.hpp"

namespace migbench {

class LocalSite;

/// A virtual node.
class LocalNode : public Node {
 public:
  LocalNode(const LocalSite& site, NodeMade made);

  [[nodiscard]] const std::string& name() const override { return made_.plan.name; }
  [[nodiscard]] const std::string& address() const override { return made_.plan.address; }
  [[nodiscard]] Command enter(const Command& command) const override;
  void copy_to(const std::filesystem::path& here,
               const std::filesystem::path& there) const override;
  void copy_from(const std::filesystem::path& there,
                 const std::filesystem::path& here) const override;
  [[nodiscard]] bool shares_clock() const override { return true; }
  [[nodiscard]] nlohmann::json facts() const override;

  [[nodiscard]] const LocalSite& site() const noexcept { return site_; }
  /// Process 1 of the node, as this machine sees it.
  [[nodiscard]] pid_t init() const noexcept { return made_.pid; }
  /// A path inside the node, as this machine's root can open it: "/proc/INIT/root/...".
  [[nodiscard]] std::filesystem::path path_from_here(const std::filesystem::path& inside) const;
  /// The node's network namespace, open.
  [[nodiscard]] int network_namespace() const noexcept { return network_.get(); }
  /// Where the node's commands run, to be frozen; empty where no groups can be made.
  [[nodiscard]] std::filesystem::path cgroup() const;

 private:
  const LocalSite& site_;
  NodeMade made_;
  UniqueFd network_;
};

class LocalSite : public Site {
 public:
  /// Of a supervisor's answer. `control`: the lifeline; without one the site is not this object's
  /// and stays when it goes.
  LocalSite(SiteMade made, UniqueFd control);
  ~LocalSite() override;
  LocalSite(const LocalSite&) = delete;
  LocalSite& operator=(const LocalSite&) = delete;

  [[nodiscard]] std::string_view kind() const override { return "local"; }
  [[nodiscard]] const Place& head() const override { return *head_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Node>>& nodes() const override { return nodes_; }
  [[nodiscard]] Command mpi_command(const MpiJob& job) const override;
  /// On the machine's file system, at the same path on every node and in every container.
  [[nodiscard]] const std::filesystem::path& scratch() const override { return scratch_; }
  [[nodiscard]] std::vector<std::string> labels() const override { return {"virtual nodes"}; }
  [[nodiscard]] nlohmann::json facts() const override;

  /// The command that runs `command` at any place of the site's table (Place::enter). `cgroup`: the
  /// group to be born in; empty: the place's own.
  [[nodiscard]] Command enter(const std::string& place, const Command& command,
                              const std::filesystem::path& cgroup = {}) const;
  [[nodiscard]] const SiteMade& made() const noexcept { return made_; }
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return made_.directory; }
  /// A tmpfs of the site's own that all nodes see at this path, but this machine does not.
  [[nodiscard]] std::filesystem::path shared() const { return made_.directory / "shared"; }
  /// The site's control group; empty where none can be made, and why.
  [[nodiscard]] const std::filesystem::path& cgroup() const noexcept { return made_.cgroup; }
  [[nodiscard]] const std::string& cgroup_reason() const noexcept { return made_.cgroup_reason; }
  /// Directories that are seen on every node in spite of its private /tmp, /run and /dev/shm.
  [[nodiscard]] const std::vector<std::filesystem::path>& visible() const noexcept {
    return made_.visible;
  }
  [[nodiscard]] int prefix() const noexcept { return 24; }
  [[nodiscard]] const LocalNode& head_node() const noexcept { return *head_; }

  /// A free address of the site's network, taken under a host name that all nodes then know
  /// (/etc/hosts). For containers and guests; `wanted`: of a guest that has its address by itself.
  /// Throws InputError where the name or what is wanted is taken, Error where no address is left.
  /// Safe among threads and processes.
  [[nodiscard]] std::string take_address(const std::string& name, const std::string& wanted = "");
  void give_back_address(const std::string& name, const std::string& address);

 private:
  SiteMade made_;
  UniqueFd control_;
  std::filesystem::path scratch_, exec_, agent_;
  std::unique_ptr<LocalNode> head_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

/// Starts the supervisor and waits until the site stands. Throws Error.
[[nodiscard]] std::unique_ptr<LocalSite> make_local_site(const SitePlan& plan);

/// The plan's "site" object: {"kind": "local", "nodes": 2 to 16, "network": "10.77.0.0/24",
/// "visible": ["/tmp/data"]}. Throws InputError.
[[nodiscard]] SitePlan local_site_plan(const nlohmann::json& settings);

/// Copies a file or a tree, unless both paths are the same one already. Throws Error.
void copy_unless_same(const std::filesystem::path& from, const std::filesystem::path& to);

/// The node as a node of a local site; null where it is none.
[[nodiscard]] inline LocalNode* as_local(Node* node) {
  return dynamic_cast<LocalNode*>(node);
}
[[nodiscard]] inline LocalSite* as_local(Site* site) {
  return dynamic_cast<LocalSite*>(site);
}
[[nodiscard]] inline const LocalSite* as_local(const Site* site) {
  return dynamic_cast<const LocalSite*>(site);
}

}  // namespace migbench
