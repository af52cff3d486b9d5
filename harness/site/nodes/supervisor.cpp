#include "harness/site/nodes/supervisor.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <list>

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/site/nodes/cgroup.hpp"
#include "harness/site/nodes/mounts.hpp"
#include "harness/site/nodes/netlink.hpp"
#include "harness/site/nodes/network.hpp"
#include "harness/site/nodes/node.hpp"
#include "harness/site/nodes/place_table.hpp"
#include "harness/site/nodes/site_directory.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

/// What has been made so far; its destructor takes it away, in the middle of making it too.
class Made {
 public:
  Made() = default;
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;
  ~Made() {
    for (const NodeProcess& node : nodes)
      ::kill(node.pid, SIGKILL);
    for (const NodeProcess& node : nodes) {
      while (::waitpid(node.pid, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
    if (site.directory.empty()) return;
    ::umount2((site.directory / "shared").c_str(), MNT_DETACH);
    remove_site_remains(site.directory);
  }

  SiteMade site;
  UniqueFd lock;
  std::list<NodeProcess> nodes;
};

void make_directory(Made& made, const SitePlan& plan) {
  SiteDirectory directory = make_site_directory();
  made.site.directory = directory.path;
  made.lock = std::move(directory.lock);
  const fs::path& path = made.site.directory;
  std::string why;
  if (const auto root = find_cgroup_root(why)) {
    made.site.cgroup = root->path / ("migbench-" + path.filename().string());
    std::ofstream(path / "cgroup") << made.site.cgroup.string() << '\n';
    make_cgroup(made.site.cgroup);
  } else {
    made.site.cgroup_reason = why;
  }
  for (const char* name : {"places", "streams", "shared", "scratch"})
    fs::create_directory(path / name);
  fs::permissions(path / "scratch", fs::perms::all);
  mount_or_throw("tmpfs", (path / "shared").string(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
  fs::copy_file(plan.container_init, path / "container-init");
  write_hosts(path, plan);
}

NodeMade register_node(const Made& made, const NodeProcess& node) {
  write_place(made.site.directory,
              {.name = node.plan.name,
               .address = node.plan.address,
               .socket = (made.site.directory / (node.plan.name + ".sock")).string()});
  return {.plan = node.plan, .pid = node.pid};
}

void make_site(Made& made, const SitePlan& plan) {
  if (::unshare(CLONE_NEWNS) != 0)
    throw system_error("unshare the mount namespace", "CAP_SYS_ADMIN is needed (run as root)");
  make_mounts_private();
  sweep_dead_sites();
  make_directory(made, plan);
  made.nodes.push_back(fork_node(plan, made.site, plan.head));
  for (const NodePlan& node : plan.nodes)
    made.nodes.push_back(fork_node(plan, made.site, node));
  // While the nodes mount their file systems:
  connect_nodes(plan, made.nodes);
  for (NodeProcess& node : made.nodes) {
    wait_until_ready(node);
    const NodeMade entry = register_node(made, node);
    if (&node == &made.nodes.front()) {
      made.site.head = entry;
    } else {
      made.site.nodes.push_back(entry);
    }
  }
  made.site.name = plan.name;
  made.site.visible = plan.visible;
  made.site.supervisor = ::getpid();
  std::ofstream(made.site.directory / "site.json") << to_json(made.site).dump() << '\n';
}

UniqueFd ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) throw system_error("signalfd");
  return fd;
}

/// Returns when the site has to go: its maker is gone or a signal asks for it. A node
/// that dies is a fault that a trial may want to survive.
void wait_for_end(int control, int signals, bool stays) {
  for (;;) {
    std::array<pollfd, 2> watched{pollfd{stays ? -1 : control, POLLIN, 0},
                                  pollfd{signals, POLLIN, 0}};
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[0].revents != 0 || watched[1].revents != 0) return;
  }
}

}  // namespace

namespace {

/// Names every right that is missing, where a system call would only say that one is.
void need_capabilities() {
  // Numbers of linux/capability.h.
  constexpr std::array<std::pair<int, const char*>, 4> kNeeded{
      {{21, "CAP_SYS_ADMIN (namespaces and mounts)"},
       {12, "CAP_NET_ADMIN (links and addresses)"},
       {13, "CAP_NET_RAW (gratuitous ARP)"},
       {19, "CAP_SYS_PTRACE (namespaces of a node's processes)"}}};
  std::ifstream status("/proc/self/status");
  std::uint64_t effective = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("CapEff:", 0) == 0) effective = std::stoull(line.substr(7), nullptr, 16);
  }
  std::string missing;
  for (const auto& [bit, name] : kNeeded) {
    if ((effective >> static_cast<unsigned>(bit) & 1U) == 0)
      missing += (missing.empty() ? "" : ", ") + std::string(name);
  }
  if (!missing.empty()) throw Error("this process lacks " + missing);
}

}  // namespace

void supervise(int control) {
  const UniqueFd signals = ending_signals();
  nlohmann::json document;
  if (!receive_message(control, document)) return;
  const SitePlan plan = site_plan(document);
  nlohmann::json answer;
  {
    Made made;
    try {
      make_site(made, plan);
      send_message(control, to_json(made.site));
      wait_for_end(control, signals.get(), !plan.name.empty());
      return;
    } catch (const std::exception& error) {
      answer["error"] = error.what();
    }
  }
  send_message(control, answer);  // after everything has been taken away again
}

void try_namespaces() {
  need_capabilities();
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID) != 0)
    throw system_error("unshare net, mount, uts, ipc and pid namespaces");
  const UniqueFd own = open_or_throw("/proc/self/ns/net", O_RDONLY);
  Netlink net(own.get());
  net.make_bridge(kBridge, "");
  net.make_veth({.name = kNodeLink}, {.name = kUplink}, own.get());
}

}  // namespace migbench
