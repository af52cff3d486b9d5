#include "harness/site/nodes/exec_client.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/site/nodes/container_output.hpp"
#include "harness/site/nodes/place_table.hpp"
#include "harness/site/nodes/wire.hpp"

namespace migbench {
namespace {

/// The signals that a user or the harness sends to a command, as a descriptor.
UniqueFd forwarded_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT})
    sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) throw system_error("signalfd");
  return fd;
}

/// The node's own idea of a few variables is right, the caller's is not.
std::vector<std::string> environment_there(const std::string& name) {
  std::vector<std::string> env;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto is = [&text](const char* prefix) { return text.rfind(prefix, 0) == 0; };
    if (!is("TMPDIR=") && !is("HOSTNAME=") && !is("XDG_RUNTIME_DIR=")) env.push_back(text);
  }
  env.emplace_back("TMPDIR=/tmp");
  env.push_back("HOSTNAME=" + name);
  return env;
}

std::string working_directory() {
  std::error_code error;
  return std::filesystem::current_path(error).string();
}

/// Waits for the reply that it has started. Returns its process number.
int wait_for_start(int socket, const std::string& place) {
  ExecReply answer;
  if (!read_all(socket, &answer, sizeof answer))
    throw Error(fmt::format("{}: the place went away", place));
  if (answer.kind == ExecReply::failed) {
    answer.what.back() = '\0';
    throw Error(fmt::format("{}: {}: {}", place, answer.what.data(),
                            std::strerror(answer.value)));  // NOLINT(concurrency-mt-unsafe)
  }
  return answer.value;
}

int next_signal(int signals) {
  signalfd_siginfo info{};
  return ::read(signals, &info, sizeof info) == static_cast<ssize_t>(sizeof info)
             ? static_cast<int>(info.ssi_signo)
             : 0;
}

int wait_on_node(int socket, int signals, const std::string& place) {
  for (;;) {
    std::array<pollfd, 2> watched{pollfd{socket, POLLIN, 0}, pollfd{signals, POLLIN, 0}};
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR)
      throw system_error("poll");
    if (watched[1].revents != 0) {
      const std::int32_t number = next_signal(signals);
      if (number != 0) (void)write_all(socket, &number, sizeof number);
    }
    if (watched[0].revents == 0) continue;
    ExecReply answer;
    if (!read_all(socket, &answer, sizeof answer))
      throw Error(fmt::format("{}: the node ended while the command ran", place));
    if (answer.kind == ExecReply::exited) return answer.value;
  }
}

int run_in_container(int socket, ExecRequest request, const ExecOptions& options, int signals) {
  if (options.detached) {
    send_request(socket, request, {});
    (void)wait_for_start(socket, options.place);
    const std::int32_t content = 0;
    (void)write_all(socket, &content, sizeof content);
    return 0;
  }
  ContainerOutput output(options.site, options.place);
  output.wrap(request);
  send_request(socket, request, {});
  (void)wait_for_start(socket, options.place);
  while (!output.pump()) {
    pollfd signal{signals, POLLIN, 0};
    ::poll(&signal, 1, ContainerOutput::kPollMilliseconds);
    const std::int32_t number = signal.revents != 0 ? next_signal(signals) : 0;
    if (number != 0) (void)write_all(socket, &number, sizeof number);
  }
  const std::int32_t content = 0;
  (void)write_all(socket, &content, sizeof content);
  return output.status();
}

}  // namespace

int exec_at(const ExecOptions& options) {
  const auto place = read_place(options.site, options.place);
  if (!place)
    throw InputError(
        fmt::format("there is no place '{}' in the site {}", options.place, options.site.string()));
  const UniqueFd signals = forwarded_signals();
  (void)::signal(SIGPIPE, SIG_IGN);
  ExecRequest request;
  request.argv = place->via;
  request.argv.insert(request.argv.end(), options.argv.begin(), options.argv.end());
  request.env = environment_there(options.place);
  request.directory = options.directory.empty() ? working_directory() : options.directory;
  request.directory_needed = !options.directory.empty();
  request.init = place->init;
  request.cgroup = options.cgroup.empty() ? place->cgroup : options.cgroup;
  const UniqueFd socket = connect_path(place->socket);
  if (!place->init.empty()) {
    request.container = options.place;
    return run_in_container(socket.get(), request, options, signals.get());
  }
  send_request(socket.get(), request, {0, 1, 2});
  (void)wait_for_start(socket.get(), options.place);
  return wait_on_node(socket.get(), signals.get(), options.place);
}

}  // namespace migbench
