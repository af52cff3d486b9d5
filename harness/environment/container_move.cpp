// The shell of a container as the harness holds it, on the node where the container is and on the
// one where it is going.
#include <fmt/format.h>
#include <sys/stat.h>

#include "bench/error.hpp"
#include "harness/environment/container.hpp"
#include "harness/programs.hpp"
#include "harness/site/nodes/cgroup.hpp"

namespace migbench {
namespace {

constexpr Nanoseconds kHelperDeadline = std::chrono::seconds(20);

/// Runs migbench-container on the node. Returns what it printed; throws Error with what it said.
std::string on_node(const LocalNode& node, const char* action, const ContainerPlan& plan) {
  const Finished finished =
      node.run({.argv = {find_program("migbench-container").string(), action, to_json(plan).dump()},
                .env = {},
                .directory = "/"},
               kHelperDeadline);
  if (!finished.ok())
    throw Error(fmt::format("container {} on {}: {}", plan.name, node.name(), describe(finished)));
  return finished.out;
}

}  // namespace

ContainerShell::ContainerShell(LocalSite& site, LocalNode& node, ContainerPlan plan, bool started)
    : site_(site), node_(node), plan_(std::move(plan)) {
  plan_.cgroup = container_cgroup(site.cgroup(), node.name(), plan_.name);
  plan_.port_up = started;
  if (!plan_.cgroup.empty()) make_cgroup(plan_.cgroup);
  try {
    const std::string said = on_node(node_, started ? "start" : "shell", plan_);
    if (started) init_ = std::stoi(said);
    network_ = open_or_throw(node_.path_from_here(network_path()).string(), O_RDONLY);
    node_net_ = std::make_unique<Netlink>(node_.network_namespace());
    announcer_ = std::make_unique<ArpAnnouncer>(network_.get(), kNodeLink, mac_of(plan_.address),
                                                plan_.address);
  } catch (const std::exception&) {
    volumes_ = started;
    take_away();
    throw;
  }
}

ContainerShell::~ContainerShell() {
  take_away();
}

void ContainerShell::take_away() noexcept {
  try {
    kill();
    announcer_.reset();
    network_.reset();
    (void)on_node(node_, volumes_ ? "discard-all" : "discard", plan_);
  } catch (const std::exception& error) {
    // What stays here goes with the node.
    fmt::print(stderr, "migbench: {}\n", error.what());
  }
}

void ContainerShell::kill() {
  if (plan_.cgroup.empty()) {
    if (init_ > 0)
      (void)node_.run(
          {.argv = {"kill", "-KILL", std::to_string(init_)}, .env = {}, .directory = "/"},
          kHelperDeadline);
  } else if (!remove_cgroup(plan_.cgroup, kHelperDeadline)) {
    throw Error(fmt::format("container {} on {}: its processes were killed and stay; see {}",
                            plan_.name, node_.name(), plan_.cgroup.string()));
  }
  init_ = 0;
}

ino_t ContainerShell::network_inode() const {
  struct stat facts {};
  if (::fstat(network_.get(), &facts) != 0) throw system_error("stat the network namespace");
  return facts.st_ino;
}

Command ContainerShell::enter_node_in_group(const Command& command) const {
  return site_.enter(node_.name(), command, plan_.cgroup);
}

void ContainerShell::set_port(bool up) {
  node_net_->set_up(container_port(plan_.address), up);
}

}  // namespace migbench
