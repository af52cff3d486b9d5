// A signal ten times a second while this lives: whoever waits in a tight loop has one word to look
// at, and a system call that sleeps for the device returns (EINTR). Looking around by a system call
// every so many polls, or waiting for two things at once, would be measured.
#pragma once

#include <csignal>

#include <sys/time.h>

namespace migbench::verbs {

class Nudge {
 public:
  Nudge() noexcept {
    struct sigaction action {};
    action.sa_handler = [](int /*signal*/) { nudged_ = 1; };  // and no SA_RESTART
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGALRM, &action, &before_);
    const itimerval each{{0, 100'000}, {0, 100'000}};
    ::setitimer(ITIMER_REAL, &each, nullptr);
  }
  ~Nudge() {
    const itimerval never{};
    ::setitimer(ITIMER_REAL, &never, nullptr);
    ::sigaction(SIGALRM, &before_, nullptr);
  }
  Nudge(const Nudge&) = delete;
  Nudge& operator=(const Nudge&) = delete;
  Nudge(Nudge&&) = delete;
  Nudge& operator=(Nudge&&) = delete;

  /// Whether there was one since it was asked last.
  [[nodiscard]] bool take() noexcept {
    if (nudged_ == 0) return false;
    nudged_ = 0;
    return true;
  }

 private:
  static inline volatile std::sig_atomic_t nudged_ = 0;
  struct sigaction before_ {};
};

}  // namespace migbench::verbs
