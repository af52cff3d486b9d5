// migbench-criu-holder NAME INIT: starts INIT (migbench-container-init) as process 1 of process
// numbers of its own, under the host name NAME, and prints its number as this node sees it. All
// else stays the node's. The root of what CRIU moves in the environment `criu`.
#include <cstdlib>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "bench/program.hpp"
#include "bench/version.hpp"

namespace {

using migbench::system_error;

/// In the new process: nothing open but /dev/null, a session of its own.
[[noreturn]] void become_init(const char* init, int report) {
  ::setsid();
  const int null = ::open("/dev/null", O_RDWR);
  for (int number = 0; number < 3; ++number)
    ::dup2(null, number);
  ::dup2(report, 3);
  ::fcntl(3, F_SETFD, FD_CLOEXEC);
  ::syscall(SYS_close_range, 4U, ~0U, 0U);
  (void)!::chdir("/");
  ::execl(init, init, nullptr);
  (void)!::write(3, "x", 1);
  ::_exit(127);
}

int hold(const char* name, const char* init) {
  if (::unshare(CLONE_NEWPID | CLONE_NEWUTS) != 0)
    throw system_error("unshare process numbers and host name", "run as root");
  if (::sethostname(name, std::char_traits<char>::length(name)) != 0)
    throw system_error("sethostname");
  int ends[2] = {};
  if (::pipe2(ends, O_CLOEXEC) != 0) throw system_error("pipe");
  const pid_t pid = ::fork();
  if (pid < 0) throw system_error("fork");
  if (pid == 0) become_init(init, ends[1]);
  ::close(ends[1]);
  char failed = 0;
  if (::read(ends[0], &failed, 1) != 0) throw migbench::Error(fmt::format("run {}: failed", init));
  fmt::print("{}\n", pid);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return migbench::run_program("migbench-criu-holder", [&] {
    if (argc == 2 && std::string(argv[1]) == "--version") {
      fmt::print("{}\n", migbench::version_line("migbench-criu-holder"));
      return 0;
    }
    if (argc != 3)
      throw migbench::InputError("usage: migbench-criu-holder NAME INIT; the harness runs it");
    return hold(argv[1], argv[2]);
  });
}
