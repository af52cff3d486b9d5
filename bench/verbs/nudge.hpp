// A signal ten times a second while this lives, so that a system call that sleeps for the device
// returns (EINTR) and its caller can look around: whoever waits for two things at once needs a
// second system call for each, and would measure it.
#pragma once

#include <csignal>

#include <sys/time.h>

namespace migbench::verbs {

class Nudge {
 public:
  Nudge() noexcept {
    struct sigaction action {};
    action.sa_handler = [](int /*signal*/) {};  // and no SA_RESTART
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGALRM, &action, &before_);
    set(100'000);
  }
  ~Nudge() {
    set(0);
    ::sigaction(SIGALRM, &before_, nullptr);
  }
  Nudge(const Nudge&) = delete;
  Nudge& operator=(const Nudge&) = delete;
  Nudge(Nudge&&) = delete;
  Nudge& operator=(Nudge&&) = delete;

 private:
  static void set(suseconds_t microseconds) noexcept {
    const itimerval timer{{0, microseconds}, {0, microseconds}};
    ::setitimer(ITIMER_REAL, &timer, nullptr);
  }
  struct sigaction before_ {};
};

}  // namespace migbench::verbs
