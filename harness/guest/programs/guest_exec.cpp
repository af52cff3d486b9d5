// migbench-guest-exec: runs a command in a guest, as ssh would, through the agent that is the
// guest's process 1. Standard streams are relayed, the exit status is returned; killing it ends the
// command.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "bench/program.hpp"
#include "bench/units.hpp"
#include "bench/version.hpp"
#include "harness/guest/agent_frames.hpp"

namespace {

using namespace migbench;

struct Options {
  std::string at;
  std::string wait = "10s";
  std::string directory;
  std::vector<std::string> env;
  std::vector<std::string> put;
  std::vector<std::string> get;
  bool ping = false;
  bool power_off = false;
  std::vector<std::string> argv;
};

int connect_once(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int status = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); status != 0)
    throw InputError(fmt::format("--at {}:{}: {}", host, port, ::gai_strerror(status)));
  const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int failed = ::connect(socket, found->ai_addr, found->ai_addrlen) == 0 ? 0 : errno;
  ::freeaddrinfo(found);
  if (failed == EINPROGRESS) {
    // A guest that is booting answers no ARP: ask again soon instead of waiting for TCP's retry.
    pollfd ready{socket, POLLOUT, 0};
    failed = ::poll(&ready, 1, 250) == 1 ? 0 : ETIMEDOUT;
    socklen_t size = sizeof failed;
    if (failed == 0) ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &failed, &size);
  }
  if (failed != 0) {
    ::close(socket);
    errno = failed;
    return -1;
  }
  ::fcntl(socket, F_SETFL, 0);
  return socket;
}

int connect_to(const std::string& at, Nanoseconds patience) {
  const auto colon = at.rfind(':');
  const std::string host = at.substr(0, colon);
  const std::string port =
      colon == std::string::npos ? std::to_string(agent::kDefaultPort) : at.substr(colon + 1);
  const std::int64_t deadline = deadline_now_ns() + patience.count();
  for (;;) {
    const int socket = connect_once(host, port);
    if (socket >= 0) {
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
      return socket;
    }
    if (deadline_now_ns() > deadline) {
      throw system_error(fmt::format("no agent answers at {}:{} within {}", host, port,
                                     format_duration(patience)));
    }
    ::usleep(20'000);
  }
}

std::array<int, 2> signal_pipe{-1, -1};

void relay_signals() {
  if (::pipe2(signal_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) throw system_error("make a pipe");
  struct sigaction action {};
  action.sa_handler = [](int number) {
    const char byte = static_cast<char>(number);
    (void)agent::write_all(signal_pipe[1], &byte, 1);
  };
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2})
    ::sigaction(number, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

[[noreturn]] void connection_lost() {
  throw Error("the connection to the guest's agent was lost");
}

void send(int socket, agent::Kind kind, std::string_view body = {}) {
  if (!agent::send_frame(socket, kind, body)) connection_lost();
}

/// Takes one frame from the agent; true when it was the last one.
bool take_frame(int socket, int output, int& status) {
  agent::Frame frame;
  if (!agent::receive_frame(socket, frame)) connection_lost();
  if (frame.kind == agent::Kind::exit && frame.body.size() == 1) {
    status = static_cast<unsigned char>(frame.body[0]);
    return true;
  }
  const int to = frame.kind == agent::Kind::error ? 2 : output;
  if (!agent::write_all(to, frame.body.data(), frame.body.size()))
    throw system_error("write the output");
  return false;
}

void pass_input(int socket, pollfd& input) {
  std::array<char, 65536> block{};
  const ssize_t got = ::read(0, block.data(), block.size());
  if (got < 0 && errno == EINTR) return;
  if (got > 0)
    return send(socket, agent::Kind::input, {block.data(), static_cast<std::size_t>(got)});
  send(socket, agent::Kind::end_of_input);
  input.fd = -1;
}

int relay(int socket, int output) {
  relay_signals();
  std::array<pollfd, 3> events{{{socket, POLLIN, 0}, {0, POLLIN, 0}, {signal_pipe[0], POLLIN, 0}}};
  int status = 1;
  for (;;) {
    if (::poll(events.data(), events.size(), -1) < 0) {
      if (errno == EINTR) continue;
      throw system_error("poll");
    }
    char number = 0;
    if (events[2].revents != 0 && ::read(signal_pipe[0], &number, 1) == 1)
      send(socket, agent::Kind::signal, {&number, 1});
    if (events[1].revents != 0) pass_input(socket, events[1]);
    if (events[0].revents != 0 && take_frame(socket, output, status)) return status;
  }
}

int wait_for_exit(int socket, int output = 1) {
  int status = 1;
  while (!take_frame(socket, output, status)) {
  }
  return status;
}

int put(int socket, const std::string& here, const std::string& there) {
  struct stat facts {};
  std::ifstream file(here, std::ios::binary);
  if (!file || ::stat(here.c_str(), &facts) != 0) throw InputError("cannot read " + here);
  send(socket, agent::Kind::request,
       nlohmann::json{{"put", there}, {"mode", (facts.st_mode & 0111U) != 0 ? 0755 : 0644}}.dump());
  std::array<char, 65536> block{};
  while (file.read(block.data(), block.size()) || file.gcount() > 0)
    send(socket, agent::Kind::input, {block.data(), static_cast<std::size_t>(file.gcount())});
  send(socket, agent::Kind::end_of_input);
  return wait_for_exit(socket);
}

/// A file that is written beside its place: what is there already stays as it is until keep(), and
/// nothing is left beside it. A device is written at once.
class ArrivingFile {
 public:
  explicit ArrivingFile(std::filesystem::path path)
      : path_(std::move(path)),
        partial_(std::filesystem::exists(path_) && !std::filesystem::is_regular_file(path_)
                     ? path_
                     : std::filesystem::path(path_.string() + ".partial")),
        file_(::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
    if (file_ < 0) throw system_error("write " + partial_.string());
  }
  ~ArrivingFile() {
    ::close(file_);
    std::error_code ignored;
    if (partial_ != path_) std::filesystem::remove(partial_, ignored);
  }
  ArrivingFile(const ArrivingFile&) = delete;
  ArrivingFile& operator=(const ArrivingFile&) = delete;
  ArrivingFile(ArrivingFile&&) = delete;
  ArrivingFile& operator=(ArrivingFile&&) = delete;
  [[nodiscard]] int descriptor() const { return file_; }
  void keep() const {
    if (partial_ != path_) std::filesystem::rename(partial_, path_);
  }

 private:
  std::filesystem::path path_, partial_;
  int file_;
};

int get(int socket, const std::string& there, const std::string& here) {
  const ArrivingFile file(here);
  send(socket, agent::Kind::request, nlohmann::json{{"get", there}}.dump());
  const int status = wait_for_exit(socket, file.descriptor());
  if (status == 0) file.keep();
  return status;
}

nlohmann::json command_request(const Options& options) {
  std::map<std::string, std::string> env;
  for (const std::string& setting : options.env) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos || equals == 0)
      throw InputError(fmt::format("--env {}: give it as NAME=VALUE", setting));
    env[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  return {{"argv", options.argv}, {"env", env}, {"directory", options.directory}};
}

int run(const Options& options) {
  ::signal(SIGPIPE, SIG_IGN);
  const int socket = connect_to(options.at, parse_duration(options.wait));
  if (!options.put.empty()) return put(socket, options.put[0], options.put[1]);
  if (!options.get.empty()) return get(socket, options.get[0], options.get[1]);
  if (options.ping || options.power_off) {
    send(socket, agent::Kind::request,
         nlohmann::json{{options.ping ? "ping" : "power_off", true}}.dump());
    return wait_for_exit(socket);
  }
  if (options.argv.empty()) throw InputError("no command: give it after --");
  send(socket, agent::Kind::request, command_request(options).dump());
  return relay(socket, 1);
}

}  // namespace

int main(int argc, char** argv) {
  return migbench::run_program("migbench-guest-exec", [&] {
    Options options;
    CLI::App app(
        "Runs a command in a guest of migbench: streams relayed, exit status returned.\n"
        "Example: migbench-guest-exec --at 10.77.0.41 -- uname -r");
    app.set_version_flag("--version", migbench::version_line("migbench-guest-exec"));
    app.add_option("--at", options.at, "the guest's agent, ADDRESS or ADDRESS:PORT (port 7711)")
        ->required();
    app.add_option("--wait", options.wait, "how long to try to connect")->capture_default_str();
    app.add_option("--env", options.env, "NAME=VALUE for the command (repeat)")
        ->allow_extra_args(false);
    app.add_option("--directory", options.directory, "working directory of the command");
    app.add_option("--put", options.put, "copy a file there: HERE THERE")->expected(2);
    app.add_option("--get", options.get, "copy a file from there: THERE HERE")->expected(2);
    app.add_flag("--ping", options.ping, "only wait until the agent answers");
    app.add_flag("--power-off", options.power_off, "end the guest");
    app.add_option("command", options.argv, "the command, after --");
    app.positionals_at_end();
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
      return app.exit(wrong) == 0 ? 0 : static_cast<int>(migbench::ExitCode::bad_input);
    }
    return run(options);
  });
}
