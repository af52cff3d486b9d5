// What a local site is made of: the plan that the harness hands to the supervisor, and what it gets
// back.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/site/unique_fd.hpp"

namespace migbench {

/// The head's bridge, each node's own bridge for containers and guests, and the link by which that
/// one is joined to the head's. The node's own address is on kNodeLink, which is no part of the
/// node's bridge: what runs natively pays for no bridge but the "switch" between the nodes.
inline constexpr const char* kBridge = "br0";
inline constexpr const char* kNodeLink = "eth0";
inline constexpr const char* kUplink = "eth1";

struct NodePlan {
  std::string name;
  std::string address;
};

struct SitePlan {
  NodePlan head;
  std::vector<NodePlan> nodes;
  int prefix = 24;
  std::vector<std::filesystem::path> visible;  ///< directories to be seen in spite of private /tmp
  std::filesystem::path container_init;        ///< the program migbench-container-init
  /// Not empty: the site outlives its maker under this name (`migbench nodes up`), until SIGTERM.
  std::string name{};
};

struct NodeMade {
  NodePlan plan;
  pid_t pid = -1;  ///< process 1 of the node, as the harness's machine sees it
};

struct SiteMade {
  std::string name;  ///< as in the plan
  std::filesystem::path directory;
  std::filesystem::path
      cgroup;  ///< empty: no groups can be made here, and `cgroup_reason` says why
  std::string cgroup_reason;
  std::vector<std::filesystem::path> visible;  ///< as in the plan
  pid_t supervisor = -1;
  NodeMade head;
  std::vector<NodeMade> nodes;
};

[[nodiscard]] nlohmann::json to_json(const SitePlan& plan);
[[nodiscard]] SitePlan site_plan(const nlohmann::json& document);
[[nodiscard]] nlohmann::json to_json(const SiteMade& made);
[[nodiscard]] SiteMade site_made(const nlohmann::json& document);

/// The group that a node's commands are born in, and that of a container on a node.
[[nodiscard]] std::filesystem::path work_cgroup(const std::filesystem::path& site_cgroup,
                                                const std::string& node);
[[nodiscard]] std::filesystem::path container_cgroup(const std::filesystem::path& site_cgroup,
                                                     const std::string& node,
                                                     const std::string& container);

/// One message over the supervisor's control socket (SOCK_SEQPACKET). False at the end.
void send_message(int socket, const nlohmann::json& message);
[[nodiscard]] bool receive_message(int socket, nlohmann::json& message);

}  // namespace migbench
