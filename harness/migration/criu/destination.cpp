// The agent on the destination node.
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/migration/criu/address.hpp"
#include "harness/migration/criu/agent.hpp"
#include "harness/migration/criu/carry.hpp"
#include "harness/migration/criu/channel.hpp"
#include "harness/migration/criu/images.hpp"
#include "harness/migration/criu/lazy.hpp"
#include "harness/migration/criu/port.hpp"
#include "harness/migration/criu/report.hpp"
#include "harness/migration/criu/tree.hpp"
#include "harness/migration/criu/workspace.hpp"

namespace migbench::criu {
namespace {

constexpr const char* kRestoreLog = "restore.log";

/// A restore that failed gets this long to kill what it has made.
constexpr Nanoseconds kCleanPatience = std::chrono::seconds{10};

class Destination {
 public:
  Destination(const AgentSettings& settings, Control& control)
      : settings_(settings),
        control_(control),
        workspace_(settings.image_directory, settings.shared_images),
        images_(workspace_),
        deadline_(deadline_now_ns() + settings.deadline.count()),
        listener_(listen_at(settings.listen)) {
    if (!settings.port.empty()) links_.emplace(open_or_throw("/proc/self/ns/net", O_RDONLY).get());
    if (!settings.address.empty()) {
      address_.emplace(settings.address, settings.link);
      address_->lend();
    }
    if (settings.announce.is_object()) announcer_.emplace(make_announcer(settings.announce));
    if (settings.shared_images.empty()) {
      // What CRIU reads first. Its restore is started now, does all that needs no image, and waits
      // at this pipe until the others are there.
      make_fifo(workspace_.images() / kInventory);
    }
    std::vector<UniqueFd> open;
    std::vector<int> spaces;
    std::vector<int> keep;
    for (const std::string& path : settings.namespaces) {
      open.push_back(open_or_throw(path, O_RDONLY));
      spaces.push_back(open.back().get());
    }
    for (const auto& [key, path] : settings.inherit) {
      open.push_back(open_or_throw(path, O_RDONLY));
      inherit_.emplace_back(key, Service::kFirstKept + static_cast<int>(keep.size()));
      keep.push_back(open.back().get());
    }
    service_.emplace(settings.criu, spaces, keep);
  }

  ~Destination() {
    if (!settled_) kill_copy();
  }
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;

  void serve() {
    control_.say({{"event", "ready"}, {"port", port_of(listener_.get())}});
    try {
      accept();
      if (settings_.shared_images.empty()) request_restore();
      receive_images();
      await_restored();
    } catch (const std::exception& error) {
      give_up(error.what());
      return;
    }
    if (!decided()) {
      give_up("the source did not say that its copy is dead");
      return;
    }
    resume();
  }

 private:
  UniqueFd accept_one() {
    std::array<pollfd, 2> watched{pollfd{listener_.get(), POLLIN, 0},
                                  pollfd{control_.descriptor(), POLLIN, 0}};
    const std::int64_t left = (deadline_ - deadline_now_ns()) / 1'000'000;
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(left));
    if (ready > 0 && watched[0].revents == 0) {
      throw Error("the harness asked to stop, or has ended");
    }
    UniqueFd socket(ready > 0 ? ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC) : -1);
    if (!socket) throw Error("the source's agent did not connect before the deadline");
    return socket;
  }

  void accept() {
    channel_.emplace(accept_one());
    std::string body;
    const auto head = channel_->receive(body, deadline_, control_.descriptor());
    if (!head || head->word != Word::hello || body != settings_.token)
      throw Error("the connection did not come from the source's agent");
    if (settings_.lazy) {
      page_connection_ = accept_one();
      accept_page_connection(page_connection_.get(), settings_.token, deadline_);
    }
    control_.say({{"event", "connected"}});
  }

  void request_restore() {
    Options options;
    options.images_dir = workspace_.images_descriptor();
    options.work_dir = workspace_.logs_descriptor();
    options.log_file = kRestoreLog;
    options.log_level = settings_.log_level;
    options.root = settings_.root;
    options.external = settings_.external;
    options.inherit_fd = inherit_;
    options.network_lock = settings_.network_lock;
    options.lazy_pages = settings_.lazy;
    service_->send(make_request(Request::restore, options));
    restoring_ = true;
  }

  void receive_images() {
    std::string body;
    bool in_advance = settings_.rounds > 0;
    bool first = true;
    std::uint64_t before = 0;
    for (;;) {
      const auto head = channel_->receive(body, deadline_, control_.descriptor());
      if (!head) throw Error("the connection to the source was lost");
      if (head->word == Word::abort) throw Error("the source gave up: " + body);
      if (head->word == Word::dump) {
        in_advance = false;
        before = images_.bytes();
        continue;
      }
      if (first && !in_advance) {
        control_.say({{"event", "receiving"}});
        first = false;
      }
      if (head->word == Word::complete) break;
      images_.take(*head, body);
    }
    images_.link_rounds();
    control_.say({{"event", "received"}, {"bytes", images_.bytes() - before}});
    unpack(workspace_);
    if (settings_.lazy)
      lazy_pages_.emplace(settings_.criu, workspace_, images_.inventory(), page_connection_.get(),
                          deadline_);
    if (!settings_.shared_images.empty()) {
      request_restore();
    } else {
      open_gate();
    }
  }

  /// Hands CRIU the inventory that it waits for.
  void open_gate() {
    const std::string path = (workspace_.images() / kInventory).string();
    for (;;) {
      // Fails until CRIU has opened its end.
      const UniqueFd gate(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
      if (gate) {
        const std::string& text = images_.inventory();
        if (::write(gate.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
          throw system_error("hand the inventory to criu");
        return;
      }
      if (errno != ENXIO) throw system_error("open " + path);
      pollfd watched{service_->descriptor(), POLLIN, 0};
      if (::poll(&watched, 1, 1) > 0) return;  // it has failed, and await_restored() hears why
      if (deadline_now_ns() > deadline_) throw Error("criu restore did not open its images");
    }
  }

  /// Answers CRIU until all is restored and stopped.
  void await_restored() {
    for (;;) {
      std::array<pollfd, 3> watched{pollfd{service_->descriptor(), POLLIN, 0},
                                    pollfd{channel_->descriptor(), POLLIN, 0},
                                    pollfd{control_.descriptor(), POLLIN, 0}};
      const std::int64_t left = (deadline_ - deadline_now_ns()) / 1'000'000;
      if (left <= 0) throw Error("the deadline passed while criu restored");
      if (::poll(watched.data(), watched.size(), static_cast<int>(left) + 1) < 0) continue;
      if (watched[1].revents != 0) throw Error("the source gave up, or its node went away");
      if (watched[2].revents != 0) throw Error("the harness asked to stop, or has ended");
      if (watched[0].revents == 0) continue;
      const auto message = service_->receive();
      if (!message || message->last) {
        restoring_ = false;
        throw Error(fmt::format("criu restore: {}", log_errors(workspace_.logs() / kRestoreLog)));
      }
      if (message->notification == "post-restore") {
        pid_ = message->pid;
        unanswered_ = true;
        control_.say({{"event", "restored"}});
        channel_->send({.word = Word::restored}, "", deadline_, control_.descriptor());
        return;
      }
      service_->answer(true);
    }
  }

  /// Whether the copy here is the one that lives on. Where the connection breaks now, only the
  /// harness knows whether the source has killed its own.
  bool decided() {
    try {
      std::string body;
      const auto head = channel_->receive(body, deadline_, -1);
      if (head) return head->word == Word::commit;
    } catch (const Error&) {
      // as if it had been closed
    }
    control_.say({{"event", "in-doubt"}});
    const auto answer = control_.wait(deadline_);
    return answer && answer->value("command", "") == "commit";
  }

  void resume() {
    settled_ = true;
    unanswered_ = false;
    control_.say({{"event", "decided"}});
    service_->answer(true);
    bool success = false;
    for (bool last = false; !last;) {
      const auto message = service_->receive();
      if (message && message->notification == "pre-resume") {
        // Not before: until its sockets are whole, an empty namespace would answer TCP with RST.
        control_.say({{"event", "switching"}});
        if (links_) links_->set_up(settings_.port);
        if (announcer_) announcer_->announce();
        if (address_) address_->arrive();
        control_.say({{"event", "switched"}});
      }
      last = !message || message->last;
      success = message && message->success;
      if (!last) service_->answer(true);
    }
    if (!success) {
      control_.say({{"event", "lost"},
                    {"reason", "criu restore failed after the source's copy was dead: " +
                                   log_errors(workspace_.logs() / kRestoreLog)}});
      return;
    }
    control_.say({{"event", "resumed"}, {"pid", pid_}});
    if (announcer_) announcer_->announce();  // the first may have met a port that was just opening
    bool complete = true;
    if (lazy_pages_) complete = await_pages();
    try {
      channel_->send({.word = Word::resumed}, "", deadline_, -1);
    } catch (const Error&) {
      // The source's copy is dead either way.
    }
    control_.say(
        {{"event", complete ? "done" : "lost"},
         {"reason",
          complete ? "" : "pages were lost: " + log_errors(workspace_.logs() / "lazy-pages.log")},
         {"statistics", read_statistics(workspace_.logs() / "stats-restore")}});
  }

  /// Until every page is here.
  bool await_pages() {
    pollfd watched{lazy_pages_->descriptor(), POLLIN, 0};
    const std::int64_t left = (deadline_ - deadline_now_ns()) / 1'000'000;
    const bool ended = ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) > 0;
    return ended && lazy_pages_->complete();
  }

  void give_up(const std::string& reason) {
    // First of all: the source need not wait, since what is here never ran and never will.
    if (channel_) {
      try {
        channel_->send({.word = Word::abort}, reason, deadline_now_ns() + 100'000'000, -1);
      } catch (const Error&) {
        // It has gone, which says the same.
      }
    }
    kill_copy();
    settled_ = true;
    control_.say({{"event", "aborted"}, {"reason", reason}});
  }

  /// Whatever CRIU has made here goes, and CRIU with it.
  void kill_copy() {
    // An end of file, should CRIU still wait for the inventory.
    if (restoring_) {
      const UniqueFd gate(
          ::open((workspace_.images() / kInventory).c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    }
    const std::int64_t until = deadline_now_ns() + kCleanPatience.count();
    try {
      if (unanswered_) service_->answer(false);
      while (restoring_) {
        pollfd watched{service_->descriptor(), POLLIN, 0};
        const std::int64_t left = (until - deadline_now_ns()) / 1'000'000;
        if (left <= 0 || ::poll(&watched, 1, static_cast<int>(left)) == 0) break;
        const auto message = service_->receive();
        restoring_ = message && !message->last;
        if (restoring_) service_->answer(false);
      }
    } catch (const Error&) {
      // CRIU has gone
    }
    signal_all(tree_of(service_->pid()), SIGKILL);
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    service_->kill();
  }

  const AgentSettings& settings_;
  Control& control_;
  Workspace workspace_;
  ImageWriter images_;
  std::int64_t deadline_;
  UniqueFd listener_;
  std::optional<Netlink> links_;  ///< of the node
  std::optional<MovingAddress> address_;
  std::optional<ArpAnnouncer> announcer_;
  std::vector<std::pair<std::string, int>> inherit_;
  std::optional<Channel> channel_;
  UniqueFd page_connection_;
  std::optional<LazyPages> lazy_pages_;
  std::optional<Service> service_;
  pid_t pid_ = 0;
  bool restoring_ = false;
  bool unanswered_ = false;  ///< CRIU waits at its post-restore hook
  bool settled_ = false;
};

}  // namespace

void serve_destination(const AgentSettings& settings, Control& control) {
  Destination(settings, control).serve();
}

}  // namespace migbench::criu
