#include "harness/site/nodes/node.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/site/nodes/cgroup.hpp"
#include "harness/site/nodes/exec_server.hpp"
#include "harness/site/nodes/mounts.hpp"
#include "harness/site/nodes/wire.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

void mount_kernel_file_systems() {
  mount_or_throw("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  // A fresh sysfs shows the node's own links; the control groups stay the machine's.
  const UniqueFd groups(::open("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC));
  mount_or_throw("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  if (groups) bind_over(fmt::format("/proc/self/fd/{}", groups.get()), "/sys/fs/cgroup", true);
  // Terminals of its own, as a machine has: a process that is moved finds its terminal's number
  // free on the other node.
  mount_or_throw("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
                 "newinstance,ptmxmode=0666,mode=0620");
  bind_over("/dev/pts/ptmx", "/dev/ptmx");
}

void set_up_files(const SitePlan& site, const SiteMade& made, const NodePlan& node) {
  make_mounts_private();
  mount_kernel_file_systems();
  std::vector<fs::path> visible = site.visible;
  visible.push_back(made.directory);
  hide_behind_tmpfs({"/tmp", "/run", "/dev/shm"}, visible);
  bind_over(made.directory / "hosts", "/etc/hosts");
  std::error_code ignored;
  if (fs::exists("/etc/hostname", ignored))
    bind_over(made.directory / (node.name + ".hostname"), "/etc/hostname");
}

/// Process 1 of the node from its birth on.
[[noreturn]] void be_node(const SitePlan& site, const SiteMade& made, const NodePlan& node,
                          int report) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "migbench-init");
  // getppid() is 0 in a new pid namespace; a pipe without reader says that the parent is dead.
  pollfd parent{report, POLLOUT, 0};
  if (::poll(&parent, 1, 0) == 1 && (parent.revents & POLLERR) != 0) ::_exit(1);
  try {
    if (::sethostname(node.name.c_str(), node.name.size()) != 0) throw system_error("sethostname");
    set_up_files(site, made, node);
    if (::chdir("/") != 0) throw system_error("chdir /");
    const UniqueFd listener = listen_path((made.directory / (node.name + ".sock")).string());
    const ExecServerConfig config{
        .site = made.directory, .name = node.name, .cgroup = work_cgroup(made.cgroup, node.name)};
    (void)write_all(report, "ready", 5);
    // Nothing of the supervisor's may stay open here: its lock and its lifeline above all.
    const int keep = listener.get();
    ::close_range(3, static_cast<unsigned>(keep) - 1, 0);
    ::close_range(static_cast<unsigned>(keep) + 1, ~0U, 0);
    serve_commands(listener, config);
  } catch (const std::exception& error) {
    (void)write_all(report, error.what(), std::strlen(error.what()));
  }
  ::_exit(1);
}

constexpr std::uint64_t kNamespaces =
    CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID;

pid_t fork_into_namespaces(const fs::path& group) {
  clone_args arguments{};
  arguments.flags = kNamespaces;
  arguments.exit_signal = SIGCHLD;
  UniqueFd directory;
  if (!group.empty()) {
    directory = open_or_throw(group.string(), O_RDONLY | O_DIRECTORY);
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(directory.get());
  }
  return static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
}

}  // namespace

NodeProcess fork_node(const SitePlan& site, const SiteMade& made, const NodePlan& node) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("pipe");
  NodeProcess process;
  process.plan = node;
  process.report.reset(ends[0]);
  UniqueFd writer(ends[1]);
  if (!made.cgroup.empty()) {
    make_cgroup(made.cgroup / node.name / "init");
    make_cgroup(work_cgroup(made.cgroup, node.name));
  }
  std::ofstream(made.directory / (node.name + ".hostname")) << node.name << '\n';

  process.pid =
      fork_into_namespaces(made.cgroup.empty() ? made.cgroup : made.cgroup / node.name / "init");
  if (process.pid < 0)  // groups of version 1 cannot be cloned into
    process.pid = fork_into_namespaces({});
  if (process.pid < 0)
    throw system_error("clone with new net, mount, uts, ipc and pid namespaces",
                       "CAP_SYS_ADMIN is needed (run as root)");
  if (process.pid == 0) {
    process.report.reset();
    be_node(site, made, node, writer.get());
  }
  process.network = open_or_throw(fmt::format("/proc/{}/ns/net", process.pid), O_RDONLY);
  return process;
}

void wait_until_ready(NodeProcess& node) {
  std::string said;
  std::array<char, 512> buffer;
  while (said != "ready") {
    const ssize_t got = ::read(node.report.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      throw Error(fmt::format("node {} did not come up: {}", node.plan.name,
                              said.empty() ? "it ended without a word" : said));
    said.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace migbench
