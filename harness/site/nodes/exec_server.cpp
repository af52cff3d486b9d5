#include "harness/site/nodes/exec_server.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <list>
#include <vector>

#include <dirent.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/site/nodes/exec_launch.hpp"
#include "harness/site/nodes/place_table.hpp"
#include "harness/site/nodes/wire.hpp"

namespace migbench {
namespace {

struct Client {
  UniqueFd socket;
  ExecHeader header{};
  std::string body;  ///< header and body as far as they have come
  std::array<UniqueFd, 3> streams;
  bool started = false, done = false;
  ExecRequest request;
  pid_t pid = -1;  ///< as this node sees it; in a container, as the container does
};

void reply(const Client& client, const ExecReply& message) {
  (void)!::send(client.socket.get(), &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// Every process of the session that `leader` led: a shell's job control makes groups of its own.
void kill_session(pid_t leader, int number) {
  ::kill(-leader, number);
  if (number != SIGKILL) return;
  DIR* proc = ::opendir("/proc");
  if (proc == nullptr) return;
  while (const dirent* entry = ::readdir(proc)) {
    const auto pid = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
    if (pid > 1 && ::getsid(pid) == leader) ::kill(pid, SIGKILL);
  }
  ::closedir(proc);
}

/// The signal reaches the container wherever it has moved to.
void signal_container(const ExecServerConfig& config, const Client& client, int number) {
  const auto place = read_place(config.site, client.request.container);
  if (!place) return;
  ExecRequest request;
  request.container = client.request.container;
  request.init = place->init;
  request.signal = number;
  request.target = client.pid;
  const auto here = read_place(config.site, config.name);
  if (here && here->socket == place->socket) {
    (void)signal_in_container(request);
  } else {
    send_request(connect_path(place->socket).get(), request, {});
  }
}

class Server {
 public:
  Server(const UniqueFd& listener, const ExecServerConfig& config)
      : listener_(listener), config_(config) {
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    children_.reset(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  [[noreturn]] void serve() {
    for (;;) {
      std::vector<pollfd> watched{{listener_.get(), POLLIN, 0}, {children_.get(), POLLIN, 0}};
      for (const Client& client : clients_)
        watched.push_back({client.socket.get(), POLLIN, 0});
      if (::poll(watched.data(), watched.size(), -1) < 0) continue;
      std::size_t i = 2;
      for (Client& client : clients_) {
        if (watched[i++].revents != 0) guarded(client, [&] { hear(client); });
      }
      if (watched[1].revents != 0) reap();
      if (watched[0].revents != 0) welcome();
      clients_.remove_if([](const Client& client) { return client.done; });
    }
  }

 private:
  void welcome() {
    Client client;
    client.socket.reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client.socket) clients_.push_back(std::move(client));
  }

  /// A client that sends nonsense is told so and let go; the server goes on.
  template <class Action>
  void guarded(Client& client, const Action& action) {
    try {
      action();
    } catch (const std::exception& error) {
      ExecReply message;
      message.kind = ExecReply::failed;
      message.value = EPROTO;
      std::strncpy(message.what.data(), error.what(), message.what.size() - 1);
      reply(client, message);
      client.done = true;
    }
  }

  void hear(Client& client) {
    if (client.started) return hear_signal(client);
    if (!receive(client)) {
      client.done = true;
      return;
    }
    if (client.body.size() < sizeof(ExecHeader)) return;
    std::memcpy(&client.header, client.body.data(), sizeof client.header);
    if (client.header.magic != ExecHeader::kMagic || client.header.bytes > ExecHeader::kMostBytes)
      throw Error("this is no exec request");
    if (client.body.size() < sizeof(ExecHeader) + client.header.bytes) return;
    client.request = unpack(client.body.substr(sizeof(ExecHeader), client.header.bytes));
    client.body.clear();
    launch(client);
  }

  /// One piece of the request; false at the end.
  static bool receive(Client& client) {
    std::array<char, 65536> buffer;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(3 * sizeof(int))> control{};
    iovec data{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(client.socket.get(), &message, MSG_CMSG_CLOEXEC);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    client.body.append(buffer.data(), static_cast<std::size_t>(got));
    const cmsghdr* rights = CMSG_FIRSTHDR(&message);
    if (rights != nullptr && rights->cmsg_type == SCM_RIGHTS) {
      std::array<int, 3> fds{-1, -1, -1};
      std::memcpy(fds.data(), CMSG_DATA(rights), rights->cmsg_len - CMSG_LEN(0));
      for (std::size_t i = 0; i < fds.size(); ++i)
        client.streams.at(i).reset(fds.at(i));
    }
    return true;
  }

  void launch(Client& client) {
    ExecRequest& request = client.request;
    const Launched launched = request.signal != 0 ? signal_in_container(request)
                              : request.container.empty()
                                  ? launch_here(request, config_, client.streams)
                                  : launch_in_container(request);
    for (UniqueFd& stream : client.streams)
      stream.reset();
    request.env.clear();
    ExecReply message;
    message.kind = launched.error == 0 ? ExecReply::started : ExecReply::failed;
    message.value = launched.error == 0 ? launched.pid : launched.error;
    std::strncpy(message.what.data(), launched.what.c_str(), message.what.size() - 1);
    reply(client, message);
    client.pid = launched.pid;
    client.started = true;
    client.done = launched.error != 0 || request.signal != 0;
  }

  void hear_signal(Client& client) {
    std::int32_t number = 0;
    const ssize_t got = ::recv(client.socket.get(), &number, sizeof number, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const bool gone = got != sizeof number;
    if (gone) number = SIGKILL;
    client.done = gone;
    if (number == 0) {  // the client is content: what runs in the container may go on
      client.done = true;
    } else if (!client.request.container.empty()) {
      signal_container(config_, client, number);
    } else {
      kill_session(client.pid, number);
    }
  }

  void reap() {
    signalfd_siginfo info{};
    while (::read(children_.get(), &info, sizeof info) > 0) {
    }
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      for (Client& client : clients_) {
        if (client.pid != pid || !client.request.container.empty() || client.done) continue;
        ExecReply message;
        message.kind = ExecReply::exited;
        message.value = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        reply(client, message);
        client.done = true;
      }
    }
  }

  const UniqueFd& listener_;
  const ExecServerConfig& config_;
  UniqueFd children_;
  std::list<Client> clients_;
};

}  // namespace

void serve_commands(const UniqueFd& listener, const ExecServerConfig& config) {
  Server(listener, config).serve();
}

}  // namespace migbench
