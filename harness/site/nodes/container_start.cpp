// The birth of a container's process 1.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/site/nodes/container_shell.hpp"
#include "harness/site/nodes/mounts.hpp"
#include "harness/site/nodes/wire.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

void mount_inside(const ContainerPlan& plan) {
  make_mounts_private();
  const fs::path root = container_root(plan.name);
  const auto at = [&root](const fs::path& inside) { return root / inside.relative_path(); };
  mount_or_throw("proc", at("/proc").string(), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  for (const ExternalMount& mount : external_mounts(plan)) {
    mount_or_throw(mount.outside.string(), at(mount.inside).string(), nullptr, MS_BIND);
    if (mount.read_only) make_read_only(at(mount.inside));
  }
}

/// The root becomes the only file system: nothing of the node's mounts stays, or CRIU would have to
/// dump it.
void move_into_root(const fs::path& root) {
  if (::chdir(root.c_str()) != 0) throw system_error("chdir " + root.string());
  if (::syscall(SYS_pivot_root, ".", ".") != 0) throw system_error("pivot_root");
  if (::umount2(".", MNT_DETACH) != 0) throw system_error("unmount the node's root");
  if (::chdir("/") != 0) throw system_error("chdir /");
}

void open_null_streams() {
  const int fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (fd < 0) throw system_error("open /dev/null");
  for (int number = 0; number < 3; ++number)
    ::dup2(fd, number);
}

[[noreturn]] void be_container(const ContainerPlan& plan, int report) {
  try {
    if (::sethostname(plan.name.c_str(), plan.name.size()) != 0) throw system_error("sethostname");
    ::setsid();
    mount_inside(plan);
    move_into_root(container_root(plan.name));
    open_null_streams();
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::string program = (plan.site / "container-init").string();
    std::string path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    std::array<char*, 2> argv{program.data(), nullptr};
    std::array<char*, 2> env{path.data(), nullptr};
    ::execve(program.c_str(), argv.data(), env.data());
    throw system_error("run " + program);
  } catch (const std::exception& error) {
    (void)write_all(report, error.what(), std::strlen(error.what()));
  }
  ::_exit(1);
}

pid_t clone_init(const fs::path& group) {
  clone_args arguments{};
  arguments.flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID;
  arguments.exit_signal = SIGCHLD;
  UniqueFd directory;
  if (!group.empty()) {
    directory = open_or_throw(group.string(), O_RDONLY | O_DIRECTORY);
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(directory.get());
  }
  return static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
}

/// Groups of version 1 cannot be cloned into.
void join_cgroup(const fs::path& group) {
  const UniqueFd procs = open_or_throw((group / "cgroup.procs").string(), O_WRONLY);
  if (::write(procs.get(), "0", 1) != 1) throw system_error("join " + group.string());
}

}  // namespace

pid_t start_container_init(const ContainerPlan& plan) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("pipe");
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const UniqueFd network = open_or_throw(container_network(plan.name).string(), O_RDONLY);
  if (::setns(network.get(), CLONE_NEWNET) != 0) throw system_error("enter the network namespace");

  pid_t pid = clone_init(plan.cgroup);
  if (pid < 0 && !plan.cgroup.empty()) {
    join_cgroup(plan.cgroup);
    pid = clone_init({});
  }
  if (pid < 0) throw system_error("clone with new mount, uts, ipc and pid namespaces");
  if (pid == 0) be_container(plan, writer.get());
  writer.reset();
  std::string said;
  std::array<char, 512> buffer;
  for (ssize_t got = 0; (got = ::read(reader.get(), buffer.data(), buffer.size())) > 0;)
    said.append(buffer.data(), static_cast<std::size_t>(got));
  if (!said.empty()) {
    ::waitpid(pid, nullptr, 0);
    throw Error(said);
  }
  return pid;
}

}  // namespace migbench
