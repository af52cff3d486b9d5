#include "udp_downtime/stop_signals.hpp"

#include <array>
#include <csignal>

#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"

namespace migbench::udp {
namespace {

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&set, signal);
  return set;
}

// What comes in is thrown away: only the end counts.
bool input_ended() {
  std::array<char, 256> scrap{};
  return ::read(STDIN_FILENO, scrap.data(), scrap.size()) <= 0;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = stop_set();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = Descriptor(::signalfd(-1, &set, SFD_CLOEXEC));
  if (!signals_.valid()) throw system_error("cannot wait for signals");
}

Wake StopSignals::wait(Nanoseconds patience, bool watch_input) {
  const std::int64_t until = deadline_now_ns() + patience.count();
  while (true) {
    const std::int64_t left = until - deadline_now_ns();
    if (left <= 0) return Wake::timeout;
    std::array<pollfd, 2> watched{{{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                                   {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0}}};
    const timespec timeout{.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
    if (::ppoll(watched.data(), watch_input ? 2 : 1, &timeout, nullptr) <= 0) continue;
    if (watched[0].revents != 0) {
      signalfd_siginfo which{};
      (void)!::read(signals_.get(), &which, sizeof which);
      sigset_t urgent = stop_set();
      sigdelset(&urgent, SIGTERM);
      ::pthread_sigmask(SIG_UNBLOCK, &urgent, nullptr);
      return Wake::signal;
    }
    if (watch_input && watched[1].revents != 0 && input_ended()) return Wake::input_closed;
  }
}

}  // namespace migbench::udp
