// One virtual node: a process in namespaces of its own.
#pragma once

#include "harness/site/nodes/layout.hpp"

namespace migbench {

/// A node whose process 1 has been forked and is setting itself up.
struct NodeProcess {
  NodePlan plan;
  pid_t pid = -1;
  UniqueFd network;  ///< its network namespace
  UniqueFd report;   ///< says when it is ready, or what went wrong
};

/// Forks the node. The caller must be single-threaded. Throws Error that names the right that is
/// missing.
[[nodiscard]] NodeProcess fork_node(const SitePlan& site, const SiteMade& made,
                                    const NodePlan& node);

/// Waits until the node takes commands. Throws Error with what the node said.
void wait_until_ready(NodeProcess& node);

}  // namespace migbench
