#include "udp_downtime/calibration/injector.hpp"

#include <csignal>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/program.hpp"
#include "udp_downtime/echo_server.hpp"

namespace migbench::udp {
namespace {

// Spins no longer than sleeping may be late (16 to 23 us): the sender may be on the same core.
// Returns early where the user interrupts.
void wait_until(std::int64_t time_ns) noexcept {
  constexpr std::int64_t kSpin_ns = 40'000;
  const std::int64_t wake = time_ns - kSpin_ns;
  const timespec until{wake / 1'000'000'000, wake % 1'000'000'000};
  while (deadline_now_ns() < wake) {
    if (interrupted()) return;
    (void)::clock_nanosleep(kDeadlineClock, TIMER_ABSTIME, &until, nullptr);
  }
  while (deadline_now_ns() < time_ns) {
  }
}

// An instant known only to lie between two readings of the clock.
struct Bracket {
  std::int64_t before_ns = 0;
  std::int64_t after_ns = 0;
  [[nodiscard]] std::int64_t middle_ns() const { return before_ns + (after_ns - before_ns) / 2; }
  [[nodiscard]] std::int64_t error_ns() const { return (after_ns - before_ns + 1) / 2; }
};

Bracket signal_at(const EchoChild& child, int number) noexcept {
  Bracket bracket;
  bracket.before_ns = deadline_now_ns();
  child.signal(number);
  bracket.after_ns = deadline_now_ns();
  return bracket;
}

}  // namespace

EchoChild::EchoChild(int server_socket) {
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw system_error("cannot start the echo server");
  if (pid_ > 0) return;
  // The child: it never returns from here, and goes with its parent whatever ends that.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    (void)::signal(number, SIG_IGN);
  (void)make_robust(server_socket);
  (void)serve(server_socket, [] { return false; });
  ::_exit(0);
}

EchoChild::~EchoChild() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void EchoChild::signal(int number) const noexcept {
  ::kill(pid_, number);
}

Injector::Injector(bool with_drops)
    : server_socket_(network_.make_server_socket()),
      window_(with_drops
                  ? std::make_unique<DropWindow>(network_.client_interface(), server_socket_.get())
                  : nullptr),
      child_(server_socket_.get()) {}

Endpoint Injector::server() const {
  return bound_to(server_socket_.get());
}

std::string Injector::drop_method() const {
  return window_ ? window_->method() : "";
}

Injection Injector::drop(Nanoseconds length) {
  constexpr std::int64_t kAhead_ns = 1'000'000;
  const std::int64_t start = deadline_now_ns() + kAhead_ns;
  const std::int64_t end = start + length.count();
  window_->set(start, end);
  wait_until(end);
  return {.start_ns = start, .end_ns = end};
}

Injection Injector::pause(Nanoseconds length) {
  const Bracket stop = signal_at(child_, SIGSTOP);
  wait_until(stop.middle_ns() + length.count());
  const Bracket resume = signal_at(child_, SIGCONT);
  return {.start_ns = stop.middle_ns(),
          .end_ns = resume.middle_ns(),
          .error_ns = stop.error_ns() + resume.error_ns()};
}

Injection Injector::inject(OutageKind kind, Nanoseconds nominal, Nanoseconds length) {
  Injection made;
  if (kind == OutageKind::dropped) {
    made = drop(length);
  } else if (kind == OutageKind::paused) {
    made = pause(length);
  } else {
    // A buffer of a few packets: what comes first is kept, the rest is lost.
    constexpr int kFewPackets = 8 << 10;
    (void)grow_buffer(server_socket_.get(), SO_RCVBUF, kFewPackets);
    made = pause(length);
    (void)grow_buffer(server_socket_.get(), SO_RCVBUF, kSocketBuffer);
  }
  made.kind = kind;
  made.nominal = nominal;
  return made;
}

}  // namespace migbench::udp
