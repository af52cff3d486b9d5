#include "harness/site/nodes/container_shell.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "bench/error.hpp"
#include "harness/site/nodes/layout.hpp"
#include "harness/site/nodes/mounts.hpp"
#include "harness/site/nodes/netlink.hpp"
#include "harness/site/nodes/network.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

const fs::path kContainers = "/run/containers";  // in the node's private /run

fs::path volumes_of(const ContainerPlan& plan) {
  return plan.site / "shared" / "containers" / plan.name;
}

/// The directory of ours that hides `path`, and the volume that stands in for it.
const std::vector<std::pair<fs::path, std::string>> kVolumes{
    {"/tmp", "tmp"}, {"/run", "run"}, {"/dev/shm", "shm"}};

bool is_below(const fs::path& path, const fs::path& directory) {
  const auto relative = path.lexically_normal().lexically_relative(directory);
  return !relative.empty() && relative != "." && *relative.begin() != "..";
}

bool is_volume(const fs::path& path) {
  return std::any_of(kVolumes.begin(), kVolumes.end(),
                     [&path](const auto& volume) { return path == volume.first; });
}

bool is_hidden(const fs::path& path) {
  return is_volume(path) ||
         std::any_of(kVolumes.begin(), kVolumes.end(),
                     [&path](const auto& volume) { return is_below(path, volume.first); });
}

/// Makes the mount point of something below /tmp, /run or /dev/shm in the volume.
void make_mount_point(const ContainerPlan& plan, const fs::path& inside) {
  for (const auto& [directory, volume] : kVolumes) {
    if (is_below(inside, directory))
      fs::create_directories(volumes_of(plan) / volume / inside.lexically_relative(directory));
  }
}

void make_volumes(const ContainerPlan& plan) {
  for (const auto& [directory, volume] : kVolumes) {
    const fs::path path = volumes_of(plan) / volume;
    fs::create_directories(path);
    if (::chmod(path.c_str(), directory == "/run" ? 0755 : 01777) != 0)
      throw system_error("chmod " + path.string());
  }
  for (const ExternalMount& mount : external_mounts(plan))
    make_mount_point(plan, mount.inside);
}

void make_network(const ContainerPlan& plan) {
  const UniqueFd node = open_or_throw("/proc/self/ns/net", O_RDONLY);
  if (::unshare(CLONE_NEWNET) != 0) throw system_error("unshare the network namespace");
  bind_over("/proc/self/ns/net", container_network(plan.name));
  const UniqueFd own = open_or_throw("/proc/self/ns/net", O_RDONLY);
  Netlink inside(own.get());
  Netlink outside(node.get());
  const std::string port = container_port(plan.address);
  inside.set_up("lo");
  inside.make_veth({.name = kNodeLink, .mac = mac_of(plan.address)}, {.name = port}, node.get());
  inside.add_address(kNodeLink, plan.address, plan.prefix);
  inside.set_up(kNodeLink);
  retry_neighbours_soon(kNodeLink);
  retransmit_soon();
  outside.add_to_bridge(port, kBridge);
  outside.set_up(port, plan.port_up);
  if (::setns(node.get(), CLONE_NEWNET) != 0) throw system_error("return to the node's network");
}

}  // namespace

nlohmann::json to_json(const ContainerPlan& plan) {
  nlohmann::json visible = nlohmann::json::array();
  for (const auto& path : plan.visible)
    visible.push_back(path.string());
  return {{"name", plan.name},          {"address", plan.address}, {"prefix", plan.prefix},
          {"site", plan.site.string()}, {"visible", visible},      {"cgroup", plan.cgroup.string()},
          {"port_up", plan.port_up}};
}

ContainerPlan container_plan(const nlohmann::json& document) {
  ContainerPlan plan;
  plan.name = document.at("name");
  plan.address = document.at("address");
  plan.prefix = document.at("prefix");
  plan.site = document.at("site").get<std::string>();
  for (const auto& path : document.at("visible"))
    plan.visible.emplace_back(path.get<std::string>());
  plan.cgroup = document.at("cgroup").get<std::string>();
  plan.port_up = document.at("port_up");
  return plan;
}

fs::path container_root(const std::string& name) {
  return kContainers / name / "root";
}

fs::path container_network(const std::string& name) {
  return kContainers / name / "net";
}

std::string container_port(const std::string& address) {
  return "ct" + address.substr(address.rfind('.') + 1);
}

std::vector<ExternalMount> external_mounts(const ContainerPlan& plan) {
  std::vector<ExternalMount> mounts{{"/sys", "sys", "/sys"},
                                    {"/dev", "dev", "/dev"},
                                    {"/etc/hosts", "hosts", plan.site / "hosts"}};
  for (const auto& [directory, volume] : kVolumes)
    mounts.push_back({directory, volume, volumes_of(plan) / volume});
  mounts.push_back({plan.site, "site", plan.site});
  int number = 0;
  for (const fs::path& path : plan.visible) {
    // "/tmp" itself, where migbench was started there, would hide the container's own.
    if (!is_hidden(path) || is_volume(path) || is_below(path, plan.site)) continue;
    mounts.push_back({path, fmt::format("visible{}", number++), path});
  }
  // A plain bind of "/" has none of the file systems below it: /home, /usr on a disk of its own.
  for (const fs::path& path : file_system_mounts()) {
    if (is_hidden(path) || is_below(path, "/etc") || is_below(path, "/proc")) continue;
    mounts.push_back({path, fmt::format("disk{}", number++), path, true});
  }
  return mounts;
}

void make_container_shell(const ContainerPlan& plan) {
  try {
    make_volumes(plan);
    const fs::path root = container_root(plan.name);
    bind_over("/", root);
    make_read_only(root);
    make_network(plan);
  } catch (const std::exception&) {
    discard_container_shell(plan, false);
    throw;
  }
}

void discard_container_shell(const ContainerPlan& plan, bool volumes) {
  {
    const UniqueFd own = open_or_throw("/proc/self/ns/net", O_RDONLY);
    Netlink(own.get()).remove_link(container_port(plan.address));
  }
  ::umount2(container_network(plan.name).c_str(), MNT_DETACH);
  ::umount2(container_root(plan.name).c_str(), MNT_DETACH);
  std::error_code ignored;
  // One by one, not remove_all: should the root still be mounted, it is the machine's own.
  fs::remove(container_network(plan.name), ignored);
  fs::remove(container_root(plan.name), ignored);
  fs::remove(kContainers / plan.name, ignored);
  if (volumes) fs::remove_all(volumes_of(plan), ignored);
}

}  // namespace migbench
