#include "harness/migration/criu/lazy.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/document.hpp"
#include "bench/error.hpp"
#include "harness/migration/criu/hurry.hpp"
#include "harness/migration/criu/images.hpp"
#include "harness/migration/criu/report.hpp"
#include "harness/migration/criu/rpc.hpp"

namespace migbench::criu {
namespace {

constexpr const char* kLazyLog = "lazy-pages.log";
constexpr int kStatus = 11;
constexpr int kPages = Service::kFirstKept;

/// Runs in the child.
[[noreturn]] void become_daemon(const char* program, const std::string& images,
                                const std::string& logs, int pages, int status) {
  ::setsid();
  calm(0);
  for (int number = 1; number < NSIG; ++number)
    (void)::signal(number, SIG_DFL);
  constexpr int kAbove = 100;
  const int lifted_pages = ::fcntl(pages, F_DUPFD_CLOEXEC, kAbove);
  const int lifted_status = ::fcntl(status, F_DUPFD_CLOEXEC, kAbove);
  ::dup2(lifted_pages, kPages);
  ::dup2(lifted_status, kStatus);
  ::syscall(SYS_close_range, 3U, static_cast<unsigned>(kPages) - 1, 0U);
  ::syscall(SYS_close_range, static_cast<unsigned>(kStatus) + 1, ~0U, 0U);
  ::execl(program, program, "lazy-pages", "--page-server", "--ps-socket", "10", "--status-fd", "11",
          "-D", images.c_str(), "-W", logs.c_str(), "-o", kLazyLog, "-v2", nullptr);
  ::_exit(127);
}

/// A directory with all images and, in place of the pipe at which restore waits, the inventory
/// itself.
std::string view_of(const Workspace& workspace, const std::string& inventory) {
  const auto view = workspace.logs() / "lazy";
  std::filesystem::create_directory(view);
  for (const auto& entry : std::filesystem::directory_iterator(workspace.images())) {
    if (entry.is_regular_file())
      std::filesystem::create_symlink(entry.path(), view / entry.path().filename());
  }
  std::ofstream file(view / kInventory, std::ios::binary);
  file << inventory;
  if (!file.flush()) throw Error("write " + (view / kInventory).string());
  return view.string();
}

void block(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) & ~O_NONBLOCK);
}

}  // namespace

void prepare_page_connection(int socket, const std::string& token) {
  block(socket);
  if (::send(socket, token.data(), token.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(token.size()))
    throw system_error("send over the page connection");
}

void accept_page_connection(int socket, const std::string& token, std::int64_t deadline_ns) {
  block(socket);
  const std::int64_t left = std::max<std::int64_t>(1, deadline_ns - deadline_now_ns());
  const timeval patience{.tv_sec = left / 1'000'000'000, .tv_usec = left / 1000 % 1'000'000};
  const timeval none{};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string heard(token.size(), '\0');
  const ssize_t got = ::recv(socket, heard.data(), heard.size(), MSG_WAITALL);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
  if (got != static_cast<ssize_t>(token.size()) || heard != token)
    throw Error("the page connection did not come from the source's agent");
}

std::string write_page_config(const Workspace& workspace) {
  const auto path = workspace.logs() / "rpc.conf";
  write_text(path, fmt::format("ps-socket {}\n", kPages));
  return path.string();
}

LazyPages::LazyPages(const std::string& program, const Workspace& workspace,
                     const std::string& inventory, int page_socket, std::int64_t deadline_ns) {
  const std::string images = view_of(workspace, inventory);
  const std::string logs = workspace.logs().string();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("pipe");
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  pid_ = ::fork();
  if (pid_ < 0) throw system_error("fork");
  if (pid_ == 0) become_daemon(program.c_str(), images, logs, page_socket, writer.get());
  writer.reset();
  end_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  // It writes one NUL when it listens.
  pollfd watched{reader.get(), POLLIN, 0};
  const std::int64_t left = (deadline_ns - deadline_now_ns()) / 1'000'000;
  char ready = 1;
  if (::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) <= 0 ||
      ::read(reader.get(), &ready, 1) != 1) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    throw Error(
        fmt::format("criu lazy-pages did not start: {}", log_errors(workspace.logs() / kLazyLog)));
  }
}

LazyPages::~LazyPages() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool LazyPages::complete() {
  int status = 0;
  if (pid_ <= 0 || ::waitpid(pid_, &status, 0) != pid_) return false;
  pid_ = -1;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace migbench::criu
