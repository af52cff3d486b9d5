// migbench-criu-check CRIU: whether this CRIU works on this kernel, by a dump and a restore of a
// process with a UDP socket and both ends of an established TCP connection. Prints its version, or
// says on standard error what failed. `criu check` passes where sockets cannot be dumped.
//
// All of it happens in namespaces of its own: a process of any number can be restored there, and
// everything goes with process 1.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "bench/program.hpp"
#include "bench/version.hpp"
#include "harness/migration/criu/report.hpp"
#include "harness/migration/criu/rpc.hpp"
#include "harness/migration/criu/workspace.hpp"
#include "harness/site/nodes/mounts.hpp"
#include "harness/site/nodes/netlink.hpp"

namespace {

using migbench::Error;
using migbench::system_error;
using migbench::UniqueFd;
namespace criu = migbench::criu;

constexpr unsigned kSeconds = 40;

/// The option by which it starts itself inside the test's namespaces.
constexpr const char* kInside = "--inside";

/// Both ends of everything that is tested.
struct Sockets {
  UniqueFd udp, listener, client, server;

  Sockets() {
    sockaddr_in loopback{};
    loopback.sin_family = AF_INET;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* address = reinterpret_cast<sockaddr*>(&loopback);
    socklen_t size = sizeof loopback;
    udp.reset(::socket(AF_INET, SOCK_DGRAM, 0));
    listener.reset(::socket(AF_INET, SOCK_STREAM, 0));
    client.reset(::socket(AF_INET, SOCK_STREAM, 0));
    if (::bind(udp.get(), address, size) != 0 || ::bind(listener.get(), address, size) != 0 ||
        ::listen(listener.get(), 1) != 0 || ::getsockname(listener.get(), address, &size) != 0 ||
        ::connect(client.get(), address, size) != 0)
      throw system_error("open sockets on loopback");
    server.reset(::accept(listener.get(), nullptr, nullptr));
    if (::getsockname(udp.get(), address, &size) != 0 || ::connect(udp.get(), address, size) != 0)
      throw system_error("connect a UDP socket to itself");
  }

  /// Whether what is sent through them arrives.
  [[nodiscard]] bool carry() const {
    return carries(udp.get(), udp.get()) && carries(client.get(), server.get());
  }

 private:
  static bool carries(int from, int to) {
    char got = 0;
    pollfd watched{to, POLLIN, 0};
    return ::send(from, "x", 1, MSG_NOSIGNAL) == 1 && ::poll(&watched, 1, 2000) == 1 &&
           ::recv(to, &got, 1, 0) == 1 && got == 'x';
  }
};

/// The process that is dumped. On SIGUSR1 it tries its sockets and ends, with 0 where they work.
[[noreturn]] void be_victim(int ready) {
  ::setsid();
  const int null = ::open("/dev/null", O_RDWR);
  for (int number = 0; number < 3; ++number)
    ::dup2(null, number);
  // Nothing that was opened outside: CRIU would look for it in vain.
  ::dup2(ready, 3);
  ::syscall(SYS_close_range, 4U, ~0U, 0U);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  const Sockets sockets;
  (void)!::write(3, "r", 1);
  ::close(3);
  int number = 0;
  ::sigwait(&signals, &number);
  ::_exit(sockets.carry() ? 0 : 1);
}

pid_t start_victim() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), 0) != 0) throw system_error("pipe");
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(ends[0]);
    be_victim(ends[1]);
  }
  ::close(ends[1]);
  char ready = 0;
  const bool good = ::read(ends[0], &ready, 1) == 1;
  ::close(ends[0]);
  if (!good) throw Error("the test process did not start");
  return pid;
}

/// One request, every notification answered with yes. Throws Error with the log's errors.
criu::Message ask(const std::string& program, criu::Request request, const criu::Options& options,
                  const criu::Workspace& workspace) {
  criu::Service service(program, {});
  service.send(criu::make_request(request, options));
  for (;;) {
    const auto message = service.receive();
    if (!message || (message->last && !message->success)) {
      throw Error(fmt::format("{}: {}", request == criu::Request::dump ? "dump" : "restore",
                              criu::log_errors(workspace.logs() / options.log_file)));
    }
    if (message->last) return *message;
    service.answer(true);
  }
}

/// Process 1 of the test's namespaces.
void test(const std::string& program) {
  ::alarm(kSeconds);
  migbench::make_mounts_private();
  migbench::mount_or_throw("proc", "/proc", "proc", 0);
  // Where CRIU keeps what it found out about a kernel it found it out in another network namespace.
  migbench::mount_or_throw("tmpfs", "/run", "tmpfs", 0);
  migbench::Netlink(migbench::open_or_throw("/proc/self/ns/net", O_RDONLY).get()).set_up("lo");
  const criu::Workspace workspace("/run");
  criu::Options options;
  options.images_dir = workspace.images_descriptor();
  options.work_dir = workspace.logs_descriptor();
  options.log_file = "dump.log";
  options.network_lock = criu::NetworkLock::skip;
  options.pid = start_victim();
  (void)ask(program, criu::Request::dump, options, workspace);
  ::waitpid(options.pid, nullptr, 0);
  options.log_file = "restore.log";
  options.pid = 0;
  const pid_t restored = ask(program, criu::Request::restore, options, workspace).pid;
  ::kill(restored, SIGUSR1);
  int status = 0;
  if (::waitpid(restored, &status, 0) != restored || status != 0)
    throw Error("the restored sockets do not carry data");
}

std::string version_of(const std::string& program) {
  criu::Service service(program, {});
  service.send(criu::make_request(criu::Request::version));
  const auto message = service.receive();
  if (!message || message->version.empty()) throw Error("it does not tell its version");
  return message->version;
}

int check(const std::string& program) {
  const std::string version = version_of(program);
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID) != 0)
    throw system_error("unshare namespaces", "run as root");
  const pid_t pid = ::fork();
  if (pid < 0) throw system_error("fork");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Started anew, so that its own file is one of the new mount namespace, where CRIU looks.
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    ::execl(self.c_str(), self.c_str(), kInside, program.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) throw Error("it did not dump and restore a process in time");
  if (status == 0) fmt::print("{}\n", version);
  return WEXITSTATUS(status);
}

}  // namespace

int main(int argc, char** argv) {
  return migbench::run_program("migbench-criu-check", [&] {
    if (argc == 2 && std::string(argv[1]) == "--version") {
      fmt::print("{}\n", migbench::version_line("migbench-criu-check"));
      return 0;
    }
    if (argc == 3 && std::string(argv[1]) == kInside) {
      test(argv[2]);
      return 0;
    }
    if (argc != 2)
      throw migbench::InputError("usage: migbench-criu-check CRIU, for example /usr/sbin/criu");
    return check(argv[1]);
  });
}
