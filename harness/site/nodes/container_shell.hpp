// What a container is made of on one node, apart from its processes: a network namespace with an
// address and a port in the node's bridge, a root mount point, a control group; and how its
// process 1 is started in it. Runs on the node (program migbench-container).
//
// The shape is the one that CRIU can dump and restore: the network namespace and every mount but
// the root and /proc are external, that is, they are made here on either node and only named in the
// image.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace migbench {

/// A mount of the container that comes from outside it.
struct ExternalMount {
  std::filesystem::path inside;   ///< "/dev/shm"
  std::string key;                ///< "shm": the name under which CRIU's image knows it
  std::filesystem::path outside;  ///< on any node of the site: ".../shared/containers/c1/shm"
  bool read_only = false;
};

struct ContainerPlan {
  std::string name;
  std::string address;
  int prefix = 24;
  std::filesystem::path site;                  ///< the site's directory
  std::vector<std::filesystem::path> visible;  ///< as in SitePlan
  std::filesystem::path cgroup;                ///< on this node; empty: none
  bool port_up = true;
};

[[nodiscard]] nlohmann::json to_json(const ContainerPlan& plan);
[[nodiscard]] ContainerPlan container_plan(const nlohmann::json& document);

/// Paths on the node: the root mount point, and the bound network namespace.
[[nodiscard]] std::filesystem::path container_root(const std::string& name);
[[nodiscard]] std::filesystem::path container_network(const std::string& name);
/// The port's name in the node's network namespace, made from the address: at most 15 characters,
/// unique in the site, and the same on every node.
[[nodiscard]] std::string container_port(const std::string& address);

/// In the order in which they have to be mounted.
[[nodiscard]] std::vector<ExternalMount> external_mounts(const ContainerPlan& plan);

/// Makes the shell on this node. Throws Error; what was made until then is taken away again.
void make_container_shell(const ContainerPlan& plan);

/// Starts process 1 in the shell. Returns its number as this node sees it, when it runs.
[[nodiscard]] pid_t start_container_init(const ContainerPlan& plan);

/// Takes the shell away; `volumes`: with the site-wide files of /tmp, /run and /dev/shm. What is
/// not there is no error. Its processes must be dead.
void discard_container_shell(const ContainerPlan& plan, bool volumes);

}  // namespace migbench
