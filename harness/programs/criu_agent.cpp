// migbench-criu-agent: one half of a move with CRIU, started by the harness on the source and on
// the destination node. Its settings are the first line of its standard input, see
// harness/migration/criu/agent.hpp.
#include <csignal>
#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "bench/program.hpp"
#include "bench/version.hpp"
#include "harness/migration/criu/agent.hpp"
#include "harness/migration/criu/hurry.hpp"

namespace {

using migbench::criu::Control;

/// The harness's settings must come within this time.
constexpr std::int64_t kPatienceNs = 30'000'000'000;

int serve() {
  Control control(0, 1);
  try {
    const auto line = control.wait(migbench::deadline_now_ns() + kPatienceNs);
    if (!line) throw migbench::InputError("no settings on standard input");
    const auto settings = migbench::criu::agent_settings(*line);
    if (settings.peer.empty()) {
      migbench::criu::serve_destination(settings, control);
    } else {
      migbench::criu::serve_source(settings, control);
    }
  } catch (const std::exception& error) {
    control.say({{"event", "failed"}, {"reason", error.what()}});
    throw;
  }
  return 0;
}

/// Whoever kills the harness kills the session of what it started. The work is done in a session of
/// its own, which sees its standard input end and brings the move to a safe end.
int serve_in_own_session() {
  const pid_t worker = ::fork();
  if (worker < 0) throw migbench::system_error("fork");
  if (worker == 0) {
    ::setsid();
    migbench::criu::hurry();
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE})
      (void)::signal(number, SIG_IGN);
    ::_exit(migbench::run_program("migbench-criu-agent", serve));
  }
  int status = 0;
  while (::waitpid(worker, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

int main(int argc, char** argv) {
  return migbench::run_program("migbench-criu-agent", [&] {
    if (argc == 2 && std::string(argv[1]) == "--version") {
      fmt::print("{}\n", migbench::version_line("migbench-criu-agent"));
      return 0;
    }
    if (argc != 1) {
      throw migbench::InputError(
          "it takes no options (but --version): the harness starts it and tells it what to do");
    }
    return serve_in_own_session();
  });
}
