#include "bench/program.hpp"

#include <csignal>
#include <cstdlib>
#include <exception>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

volatile std::sig_atomic_t interruption = 0;

void note_interrupt(int signal) {
  interruption = 1;
  // The next one takes its default course: a user who asks twice means it.
  (void)std::signal(signal, SIG_DFL);
}

int complain(const std::string& program, const char* what, ExitCode code) {
  fmt::print(stderr, "{}: {}\n", program, what);
  return static_cast<int>(code);
}

}  // namespace

int run_program(const std::string& program, const std::function<int()>& body) {
  try {
    const int status = body();
    return interrupted() && status == 0 ? static_cast<int>(ExitCode::interrupted) : status;
  } catch (const InputError& error) {
    return complain(program, error.what(), ExitCode::bad_input);
  } catch (const std::exception& error) {
    return complain(program, error.what(),
                    interrupted() ? ExitCode::interrupted : ExitCode::failed);
  }
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    sigaction(signal, &action, nullptr);
  // A daemon or a reader that goes while it is written to is an error of that call. It ended a
  // whole run once, without a word.
  (void)std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() noexcept {
  return interruption != 0;
}

bool use_colours(int descriptor) {
  const char* terminal = std::getenv("TERM");
  return ::isatty(descriptor) == 1 && std::getenv("NO_COLOR") == nullptr && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

}  // namespace migbench
