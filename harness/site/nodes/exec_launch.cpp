#include "harness/site/nodes/exec_launch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

/// What a child writes to its report pipe; nothing at all means that exec succeeded.
struct Report {
  pid_t pid = 0;
  int error = 0;
  std::array<char, 100> what{};
};

/// For a group of version 1, or a kernel before 5.7.
void join(std::string_view cgroups) {
  while (!cgroups.empty()) {
    const auto end = std::min(cgroups.find(':'), cgroups.size());
    const std::string file = std::string(cgroups.substr(0, end)) + "/cgroup.procs";
    const UniqueFd procs(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    (void)!::write(procs.get(), "0", 1);
    cgroups.remove_prefix(std::min(end + 1, cgroups.size()));
  }
}

/// fork(), the child born in `cgroup`. Moving it there afterwards would take the kernel's lock of
/// all groups for milliseconds.
pid_t fork_into(const std::string& cgroup) {
  if (cgroup.empty()) return ::fork();
  if (cgroup.find(':') == std::string::npos) {
    const UniqueFd group(::open(cgroup.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!group) return -1;
    clone_args arguments{};
    arguments.flags = CLONE_INTO_CGROUP;
    arguments.exit_signal = SIGCHLD;
    arguments.cgroup = static_cast<std::uint64_t>(group.get());
    const long pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid >= 0) return static_cast<pid_t>(pid);
  }
  const pid_t forked = ::fork();
  if (forked == 0) join(cgroup);
  return forked;
}

[[noreturn]] void report_and_exit(int pipe, const char* what) {
  Report report;
  report.error = errno;
  std::strncpy(report.what.data(), what, report.what.size() - 1);
  (void)!::write(pipe, &report, sizeof report);
  ::_exit(127);
}

void forget_signals() {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < NSIG; ++number)
    ::signal(number, SIG_DFL);
}

/// The last steps of every started command.
[[noreturn]] void become(const ExecRequest& request, int pipe) {
  std::vector<char*> argv, env;
  for (const std::string& word : request.argv)
    argv.push_back(const_cast<char*>(word.c_str()));
  for (const std::string& entry : request.env)
    env.push_back(const_cast<char*>(entry.c_str()));
  argv.push_back(nullptr);
  env.push_back(nullptr);
  if (request.directory.empty() || ::chdir(request.directory.c_str()) != 0) {
    if (request.directory_needed) report_and_exit(pipe, ("chdir to " + request.directory).c_str());
    (void)!::chdir("/");
  }
  forget_signals();
  environ = env.data();  // execvp looks for the program in the command's own PATH
  ::execvp(argv[0], argv.data());
  report_and_exit(pipe, ("run " + request.argv[0]).c_str());
}

/// Reads the report of a start whose child is `pid`.
Launched outcome(pid_t pid, UniqueFd writer, const UniqueFd& reader) {
  writer.reset();
  Report report;
  Launched launched{.pid = pid, .error = 0, .what = {}};
  while (read_all(reader.get(), &report, sizeof report)) {
    if (report.pid != 0) launched.pid = report.pid;
    if (report.error != 0) {
      launched.error = report.error;
      launched.what = report.what.data();
    }
  }
  return launched;
}

struct Pipe {
  UniqueFd reader, writer;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("pipe");
    reader.reset(ends[0]);
    writer.reset(ends[1]);
  }
};

/// Joins the namespaces of the container's process 1. The mount namespace last: /proc is needed
/// until then.
bool join_container(const std::string& init) {
  constexpr std::array<std::pair<const char*, int>, 5> kinds{{{"net", CLONE_NEWNET},
                                                              {"uts", CLONE_NEWUTS},
                                                              {"ipc", CLONE_NEWIPC},
                                                              {"pid", CLONE_NEWPID},
                                                              {"mnt", CLONE_NEWNS}}};
  return std::all_of(kinds.begin(), kinds.end(), [&init](const auto& kind) {
    const std::string path = "/proc/" + init + "/ns/" + kind.first;
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return fd && ::setns(fd.get(), kind.second) == 0;
  });
}

bool open_as(int number, const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  // dup2 of a descriptor onto itself would keep it close-on-exec
  if (fd == number) return ::fcntl(fd, F_SETFD, 0) == 0;
  const bool good = ::dup2(fd, number) == number;
  ::close(fd);
  return good;
}

/// The grandchild: an orphan, which the container's process 1 adopts.
[[noreturn]] void become_inside(const ExecRequest& request, int pipe) {
  Report report;
  report.pid = ::getpid();
  ::setsid();
  if (!open_as(0, request.in, O_RDONLY)) report_and_exit(pipe, ("open " + request.in).c_str());
  if (!open_as(1, request.out, O_WRONLY | O_CREAT | O_APPEND))
    report_and_exit(pipe, ("open " + request.out).c_str());
  if (!open_as(2, request.err, O_WRONLY | O_CREAT | O_APPEND))
    report_and_exit(pipe, ("open " + request.err).c_str());
  (void)!::write(pipe, &report, sizeof report);
  become(request, pipe);
}

/// Runs `inside` in the container, in a child that is waited for.
template <class Inside>
Launched in_container(const ExecRequest& request, const Inside& inside) {
  Pipe pipe;
  const pid_t pid = fork_into(request.cgroup);
  if (pid < 0) return {.pid = -1, .error = errno, .what = "fork into " + request.cgroup};
  if (pid == 0) {
    if (!join_container(request.init))
      report_and_exit(pipe.writer.get(), "enter the namespaces of the container's process 1");
    const pid_t first = ::fork();  // only children are in the joined pid namespace
    if (first == 0) inside(pipe.writer.get());
    if (first < 0) report_and_exit(pipe.writer.get(), "fork");
    ::waitpid(first, nullptr, 0);
    ::_exit(0);
  }
  Launched launched = outcome(-1, std::move(pipe.writer), pipe.reader);
  ::waitpid(pid, nullptr, 0);
  return launched;
}

}  // namespace

Launched launch_here(const ExecRequest& request, const ExecServerConfig& config,
                     const std::array<UniqueFd, 3>& streams) {
  Pipe pipe;
  const pid_t pid = fork_into(request.cgroup.empty() ? config.cgroup.string() : request.cgroup);
  if (pid < 0) return {.pid = -1, .error = errno, .what = "fork"};
  if (pid == 0) {
    ::setsid();
    for (std::size_t i = 0; i < streams.size(); ++i) {
      const int number = static_cast<int>(i);
      const bool good = streams.at(i).get() >= 0 ? ::dup2(streams.at(i).get(), number) == number
                                                 : open_as(number, "/dev/null", O_RDWR);
      if (!good) report_and_exit(pipe.writer.get(), "standard streams");
    }
    become(request, pipe.writer.get());
  }
  return outcome(pid, std::move(pipe.writer), pipe.reader);
}

Launched launch_in_container(const ExecRequest& request) {
  return in_container(request, [&request](int pipe) {
    // Once more, so that the command loses its parent inside the container and is adopted there.
    const pid_t second = ::fork();
    if (second < 0) report_and_exit(pipe, "fork");
    if (second == 0) become_inside(request, pipe);
    ::_exit(0);
  });
}

Launched signal_in_container(const ExecRequest& request) {
  return in_container(request, [&request](int pipe) {
    if (::kill(-request.target, request.signal) != 0) report_and_exit(pipe, "kill");
    ::_exit(0);
  });
}

}  // namespace migbench
