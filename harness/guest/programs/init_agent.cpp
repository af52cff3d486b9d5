#include "harness/guest/programs/init_agent.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/guest/agent_frames.hpp"
#include "harness/guest/programs/init_settings.hpp"

namespace migbench::guest {

namespace {

std::string command_root;  // NOLINT(cert-err58-cpp): an empty string does not throw

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw failure("make a pipe");
    read = ends[0];
    write = ends[1];
  }
};

[[noreturn]] void refuse(int socket, const std::string& reason, int status) {
  (void)agent::send_frame(socket, agent::Kind::error, "migbench guest: " + reason + "\n");
  (void)agent::send_frame(socket, agent::Kind::exit, std::string(1, static_cast<char>(status)));
  ::_exit(0);
}

[[noreturn]] void become_command(const nlohmann::json& request, const Pipe& in, const Pipe& out,
                                 const Pipe& err) {
  ::dup2(in.read, 0);
  ::dup2(out.write, 1);
  ::dup2(err.write, 2);
  ::setpgid(0, 0);
  const auto fail = [](const std::string& tried) {
    const std::string message = "migbench guest: " + tried + ": " + std::strerror(errno) + "\n";
    (void)agent::write_all(2, message.data(), message.size());
    ::_exit(errno == ENOENT ? 127 : 126);
  };
  if (!command_root.empty() && (::chroot(command_root.c_str()) != 0 || ::chdir("/") != 0))
    fail("enter " + command_root);
  ::setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
  ::setenv("HOME", "/root", 1);
  const nlohmann::json variables = request.value("env", nlohmann::json::object());
  for (const auto& [name, value] : variables.items())
    ::setenv(name.c_str(), value.get<std::string>().c_str(), 1);
  const std::string directory = request.value("directory", "");
  if (!directory.empty() && ::chdir(directory.c_str()) != 0) fail("change to " + directory);
  auto words = request.at("argv").get<std::vector<std::string>>();
  std::vector<char*> argv;
  for (std::string& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  fail("run " + words[0]);
  ::_exit(126);
}

/// Relays between the connection and one child until the child ends.
class Relay {
 public:
  Relay(int socket, pid_t child, int in, int out, int err)
      : socket_(socket), child_(child), in_(in), out_(out), err_(err) {
    watch_ = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  }

  [[noreturn]] void run() {
    for (;;) {
      std::array<pollfd, 5> events{{{socket_, POLLIN, 0},
                                    {out_, POLLIN, 0},
                                    {err_, POLLIN, 0},
                                    {watch_, POLLIN, 0},
                                    {pending_.empty() ? -1 : in_, POLLOUT, 0}}};
      if (::poll(events.data(), events.size(), -1) < 0 && errno != EINTR) abandon();
      if (events[0].revents != 0) take_frame();
      if (events[1].revents != 0) pass(out_, agent::Kind::output);
      if (events[2].revents != 0) pass(err_, agent::Kind::error);
      if (events[4].revents != 0) feed();
      if (events[3].revents != 0) finish();
    }
  }

 private:
  void take_frame() {
    agent::Frame frame;
    if (!agent::receive_frame(socket_, frame)) abandon();
    if (frame.kind == agent::Kind::input && in_ >= 0) {
      pending_ += frame.body;
      feed();
    } else if (frame.kind == agent::Kind::end_of_input) {
      input_ended_ = true;
      feed();
    } else if (frame.kind == agent::Kind::signal && frame.body.size() == 1) {
      ::kill(-child_, frame.body[0]);
    }
  }

  /// As much input as the command takes now; it may itself be waiting for us to take its output.
  void feed() {
    while (in_ >= 0 && !pending_.empty()) {
      const ssize_t written = ::write(in_, pending_.data(), pending_.size());
      if (written < 0 && errno == EAGAIN) return;
      if (written <= 0) return close_input();
      pending_.erase(0, static_cast<std::size_t>(written));
    }
    if (input_ended_) close_input();
  }

  void close_input() {
    pending_.clear();
    if (in_ >= 0) ::close(in_);
    in_ = -1;
  }

  /// False at the end of the stream, or where nothing is left of it for now.
  bool pass(int& from, agent::Kind kind) {
    std::array<char, 65536> block{};
    const ssize_t got = ::read(from, block.data(), block.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got <= 0) {
      ::close(from);
      from = -1;  // poll ignores it from now on
      return false;
    }
    if (!agent::send_frame(socket_, kind, {block.data(), static_cast<std::size_t>(got)})) abandon();
    return true;
  }

  /// The client is gone: nobody can end the command any more but us.
  [[noreturn]] void abandon() {
    ::kill(-child_, SIGTERM);
    ::usleep(200'000);
    ::kill(-child_, SIGKILL);
    ::_exit(0);
  }

  [[noreturn]] void finish() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    // What the child wrote is in the pipes; a daemon it left behind may hold them open for ever.
    while (out_ >= 0 && pass(out_, agent::Kind::output)) {
    }
    while (err_ >= 0 && pass(err_, agent::Kind::error)) {
    }
    const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    (void)agent::send_frame(socket_, agent::Kind::exit, std::string(1, static_cast<char>(code)));
    ::_exit(0);
  }

  int socket_;
  pid_t child_;
  int in_;
  int out_;
  int err_;
  int watch_ = -1;
  std::string pending_;
  bool input_ended_ = false;
};

[[noreturn]] void run_command(int socket, const nlohmann::json& request) {
  const Pipe in;
  const Pipe out;
  const Pipe err;
  const pid_t child = ::fork();
  if (child < 0) refuse(socket, std::string("fork: ") + std::strerror(errno), 126);
  if (child == 0) become_command(request, in, out, err);
  ::setpgid(child, child);
  ::close(in.read);
  ::close(out.write);
  ::close(err.write);
  ::fcntl(in.write, F_SETFL, O_NONBLOCK);
  ::fcntl(out.read, F_SETFL, O_NONBLOCK);
  ::fcntl(err.read, F_SETFL, O_NONBLOCK);
  Relay(socket, child, in.write, out.read, err.read).run();
}

std::string rooted(const std::string& path) {
  return command_root + path;
}

[[noreturn]] void put_file(int socket, const nlohmann::json& request) {
  const std::string path = rooted(request.at("put").get<std::string>());
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
    ::mkdir(path.substr(0, at).c_str(), 0755);
  const mode_t mode = request.value("mode", 0644U);
  const std::string unfinished = path + ".new";  // a running program cannot be written over
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0) refuse(socket, "write " + path + ": " + std::strerror(errno), 1);
  agent::Frame frame;
  while (agent::receive_frame(socket, frame) && frame.kind == agent::Kind::input) {
    if (!agent::write_all(file, frame.body.data(), frame.body.size()))
      refuse(socket, "write " + path + ": " + std::strerror(errno), 1);
  }
  ::fchmod(file, mode);
  ::close(file);
  if (::rename(unfinished.c_str(), path.c_str()) != 0)
    refuse(socket, "write " + path + ": " + std::strerror(errno), 1);
  (void)agent::send_frame(socket, agent::Kind::exit, std::string(1, '\0'));
  ::_exit(0);
}

[[noreturn]] void get_file(int socket, const nlohmann::json& request) {
  const std::string path = rooted(request.at("get").get<std::string>());
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) refuse(socket, "read " + path + ": " + std::strerror(errno), 1);
  std::array<char, 65536> block{};
  ssize_t got = 0;
  while ((got = ::read(file, block.data(), block.size())) > 0) {
    if (!agent::send_frame(socket, agent::Kind::output,
                           {block.data(), static_cast<std::size_t>(got)}))
      ::_exit(0);
  }
  (void)agent::send_frame(socket, agent::Kind::exit, std::string(1, got < 0 ? '\1' : '\0'));
  ::_exit(0);
}

[[noreturn]] void serve_connection(int socket) {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
  agent::Frame frame;
  if (!agent::receive_frame(socket, frame) || frame.kind != agent::Kind::request) ::_exit(0);
  try {
    const nlohmann::json request = nlohmann::json::parse(frame.body);
    if (request.contains("put")) put_file(socket, request);
    if (request.contains("get")) get_file(socket, request);
    if (request.contains("ping")) {
      (void)agent::send_frame(socket, agent::Kind::exit, std::string(1, '\0'));
      ::_exit(0);
    }
    if (request.contains("power_off")) {
      (void)agent::send_frame(socket, agent::Kind::exit, std::string(1, '\0'));
      ::sync();
      ::reboot(RB_POWER_OFF);
      ::_exit(0);
    }
    run_command(socket, request);
  } catch (const std::exception& bad) {
    refuse(socket, bad.what(), 126);
  }
}

}  // namespace

void set_command_root(const char* path) {
  command_root = path;
}

int listen_for_agent(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) throw failure("open the agent's socket");
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 64) != 0)
    throw failure("listen for the agent");
  return listener;
}

void accept_one(int listener) {
  const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (socket < 0) return;
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (::fork() == 0) {
    ::close(listener);
    serve_connection(socket);
  }
  ::close(socket);
}

}  // namespace migbench::guest
