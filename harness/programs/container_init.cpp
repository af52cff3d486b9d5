// migbench-container-init: what runs in a container beside the workload. Small and static, since it
// is dumped and moved with the container.
//
//   migbench-container-init                        process 1 of a container: reaps orphans
//   migbench-container-init --run FILE -- ARGV...  runs ARGV and writes its exit status to FILE
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr std::array kPassedOn{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

[[noreturn]] void reap_for_ever() {
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &children, nullptr);
  for (;;) {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    int number = 0;
    ::sigwait(&children, &number);
  }
}

int run_and_report(const char* file, char** argv) {
  // What is sent to the whole group is meant for the command; this process must see its end.
  for (const int number : kPassedOn)
    (void)std::signal(number, SIG_IGN);
  const pid_t pid = ::fork();
  if (pid == 0) {
    for (const int number : kPassedOn)
      (void)std::signal(number, SIG_DFL);
    ::execvp(argv[0], argv);
    (void)std::fprintf(stderr, "run %s: %s\n", argv[0], std::strerror(errno));
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  std::array<char, 16> line{};
  const int length =
      std::snprintf(line.data(), line.size(), "%d\n",
                    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  const int fd = ::open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  return fd >= 0 && ::write(fd, line.data(), static_cast<std::size_t>(length)) == length ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc >= 5 && std::strcmp(argv[1], "--run") == 0 && std::strcmp(argv[3], "--") == 0)
    return run_and_report(argv[2], argv + 4);
  if (argc == 1) reap_for_ever();
  (void)std::fprintf(stderr, "usage: %s [--run STATUS-FILE -- PROGRAM [ARGUMENT]...]\n", argv[0]);
  return 2;
}
