// The agent on the source node.
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
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
#include "harness/migration/criu/dumping.hpp"
#include "harness/migration/criu/hurry.hpp"
#include "harness/migration/criu/images.hpp"
#include "harness/migration/criu/lazy.hpp"
#include "harness/migration/criu/port.hpp"
#include "harness/migration/criu/precopy.hpp"
#include "harness/migration/criu/report.hpp"
#include "harness/migration/criu/tree.hpp"
#include "harness/migration/criu/wall.hpp"
#include "harness/migration/criu/workspace.hpp"

namespace migbench::criu {
namespace {

constexpr const char* kDumpLog = "dump.log";

/// After a failure CRIU gets this long to let the workload go on before it is killed.
constexpr Nanoseconds kThawPatience = std::chrono::seconds{10};

/// A path like ".../net": of a process's namespaces or a bound one.
bool is_network(const std::string& path) {
  return std::filesystem::path(path).filename() == "net";
}

class Source {
 public:
  Source(const AgentSettings& settings, Control& control)
      : settings_(settings),
        control_(control),
        workspace_(settings.image_directory, settings.shared_images),
        deadline_(deadline_now_ns() + settings.deadline.count()),
        channel_(connect_to(settings.peer, settings.peer_port, deadline_)) {
    channel_.send({.word = Word::hello}, settings.token, deadline_, control_.descriptor());
    if (!settings.port.empty()) port_.emplace(settings.port);
    if (!settings.address.empty()) address_.emplace(settings.address, settings.link);
    if (streams()) pages_.emplace(workspace_.images());
    std::vector<int> keep;
    if (settings.lazy) keep.push_back(open_page_connection());
    std::vector<int> numbers;
    for (const std::string& path : settings.namespaces) {
      spaces_.push_back(open_or_throw(path, O_RDONLY));
      // The lock of a namespace that CRIU is in itself is made here.
      if (settings.network_lock == NetworkLock::skip && is_network(path))
        wall_.emplace(spaces_.back().get());
      numbers.push_back(spaces_.back().get());
    }
    service_.emplace(settings.criu, numbers, keep);
    pre_copy_.emplace(settings, workspace_, numbers);
  }

  void serve() {
    control_.say({{"event", "ready"}});
    const auto command = control_.wait(deadline_);
    if (!command || command->value("command", "") != "go") return;
    deadline_ = deadline_now_ns() + settings_.deadline.count();
    try {
      copy_in_advance();
      control_.say({{"event", "requested"}});
      tree_ = tree_of(settings_.pid);
      dump();
      send_rest();
      if (settings_.lazy) serve_pages();
      await_restored();
    } catch (const std::exception& error) {
      give_up(error.what());
      return;
    }
    commit();
  }

 private:
  [[nodiscard]] bool streams() const { return settings_.shared_images.empty() && !settings_.lazy; }

  int open_page_connection() {
    page_connection_ = connect_to(settings_.peer, settings_.peer_port, deadline_);
    prepare_page_connection(page_connection_.get(), settings_.token);
    return page_connection_.get();
  }

  [[nodiscard]] Options options() const {
    Options options = dump_options(settings_, workspace_, workspace_.images_descriptor(), kDumpLog);
    options.lazy_pages = settings_.lazy;
    options.parent_images = pre_copy_->parent();
    options.track_memory = !options.parent_images.empty();
    if (settings_.lazy) options.config_file = write_page_config(workspace_);
    return options;
  }

  void copy_in_advance() {
    if (settings_.rounds == 0) return;
    while (!pre_copy_->enough())
      control_.say(pre_copy_->make(channel_, deadline_, control_.descriptor()));
    channel_.send({.word = Word::dump}, "", deadline_, control_.descriptor());
  }

  /// From the request to the moment when everything is written and the workload still frozen.
  void dump() {
    service_->send(make_request(Request::dump, options()));
    dumping_ = true;
    for (bool dumped = false; !dumped;) {
      bytes_ += wait_for_service(*service_, pages_ ? &*pages_ : nullptr, channel_, deadline_,
                                 control_.descriptor());
      dumped = hear();
    }
  }

  /// One message of CRIU; true where it is the one that all is written.
  bool hear() {
    const auto message = service_->receive();
    if (!message || message->last) {
      dumping_ = false;
      throw Error(fmt::format("criu dump: {}", log_errors(workspace_.logs() / kDumpLog)));
    }
    if (message->notification == "pre-dump") control_.say({{"event", "freeze"}});
    if (message->notification == "query-ext-files") lock_network();
    if (message->notification == "post-dump") {
      if (!locked_) throw Error("criu did not say when all was stopped: 3.15 or newer is needed");
      control_.say({{"event", "dumped"}});
      unanswered_ = true;
      return true;  // answered when the destination has restored, or not
    }
    service_->answer(true);
    return false;
  }

  /// When all tasks are stopped, and before CRIU looks at the first socket. What is locked out
  /// earlier, while they still run, is lost on its way and sent again after a second only: a
  /// restored connection knows no round trip time.
  void lock_network() {
    if (port_) port_->shut();
    if (wall_) wall_->put_up();
    locked_ = true;
  }

  void send_rest() {
    if (!settings_.carry.empty()) {
      carried_ = files_below(tree_, settings_.carry);
      pack(carried_, workspace_);
    }
    if (pages_) bytes_ += pages_->finish(channel_, deadline_, control_.descriptor());
    if (settings_.shared_images.empty())
      bytes_ += send_images(workspace_.images(), "", channel_, deadline_, control_.descriptor());
    channel_.send({.word = Word::complete}, "", deadline_, control_.descriptor());
    control_.say({{"event", "sent"}, {"bytes", bytes_}});
  }

  /// The restore faults on pages before it is done, so CRIU has to serve them now. A post-dump hook
  /// that says no makes it unlock the sockets first and, when it has served, let the workload go on
  /// unless it was killed: with yes it would kill it also when the destination broke off.
  void serve_pages() {
    unanswered_ = false;
    service_->answer(false);
    calm(service_->pid());
  }

  void await_restored() {
    for (;;) {
      std::array<pollfd, 3> watched{pollfd{channel_.descriptor(), POLLIN, 0},
                                    pollfd{control_.descriptor(), POLLIN, 0},
                                    pollfd{service_->descriptor(), POLLIN, 0}};
      const std::int64_t left = (deadline_ - deadline_now_ns()) / 1'000'000;
      if (left <= 0) throw Error("the deadline passed while the destination restored");
      if (::poll(watched.data(), watched.size(), static_cast<int>(left) + 1) < 0) continue;
      if (watched[1].revents != 0) throw Error("the harness asked to stop, or has ended");
      if (watched[2].revents != 0) answer_or_throw();
      if (watched[0].revents == 0) continue;
      std::string body;
      const auto head = channel_.receive(body, deadline_, control_.descriptor());
      if (!head) throw Error("the connection to the destination was lost before it had restored");
      if (head->word != Word::restored) throw Error("the destination gave up: " + body);
      return;
    }
  }

  void answer_or_throw() {
    const auto message = service_->receive();
    dumping_ = message && !message->last;
    if (!dumping_)
      throw Error(
          fmt::format("criu dump ended early: {}", log_errors(workspace_.logs() / kDumpLog)));
    service_->answer(true);
  }

  /// From here on only the destination's copy may run.
  void commit() {
    control_.say({{"event", "committed"}});
    // Of a post-copy CRIU holds the pages in pipes, where they outlive their process.
    signal_all(tree_, SIGKILL);
    std::string failure;
    try {
      if (address_) address_->leave();
      channel_.send({.word = Word::commit}, "", deadline_, -1);
    } catch (const Error& error) {
      failure = error.what();
    }
    if (!settings_.lazy) service_->answer(true);
    while (const auto message = service_->receive()) {
      if (message->last) break;
      service_->answer(true);
    }
    std::error_code ignored;
    for (const auto& path : carried_)
      std::filesystem::remove_all(path, ignored);
    const bool resumed = failure.empty() && await_resumed(failure);
    control_.say({{"event", resumed ? "done" : "unknown"},
                  {"reason", failure},
                  {"statistics", read_statistics(workspace_.logs() / "stats-dump")}});
  }

  bool await_resumed(std::string& failure) {
    try {
      std::string body;
      const auto head = channel_.receive(body, deadline_, -1);
      if (head && head->word == Word::resumed) return true;
      failure = head ? body : "the connection was lost after commit";
    } catch (const Error& error) {
      failure = error.what();
    }
    return false;
  }

  /// Lets the workload go on here. Whatever the destination has is killed there when the connection
  /// closes.
  void give_up(const std::string& reason) {
    try {
      channel_.send({.word = Word::abort}, reason, deadline_now_ns() + 100'000'000, -1);
    } catch (const Error&) {
      // It has gone, which says the same.
    }
    pages_.reset();  // closed pipes make a dump that still writes fail, and thaw
    if (page_connection_) ::shutdown(page_connection_.get(), SHUT_RDWR);
    if (dumping_) thaw();
    if (wall_) wall_->take_down();
    if (port_) port_->open();
    control_.say({{"event", "aborted"}, {"reason", reason}, {"running", runs(settings_.pid)}});
  }

  void thaw() {
    const std::int64_t until = deadline_now_ns() + kThawPatience.count();
    try {
      if (unanswered_) service_->answer(false);
      for (;;) {
        pollfd watched{service_->descriptor(), POLLIN, 0};
        const std::int64_t left = (until - deadline_now_ns()) / 1'000'000;
        if (left <= 0 || ::poll(&watched, 1, static_cast<int>(left)) == 0) break;
        const auto message = service_->receive();
        if (!message || message->last) return;
        service_->answer(false);
      }
    } catch (const Error&) {
      return;  // CRIU has gone
    }
    service_->hang_up();
    if (!service_->wait(kThawPatience)) service_->kill();
    signal_all(tree_, SIGCONT);
  }

  const AgentSettings& settings_;
  Control& control_;
  Workspace workspace_;
  std::int64_t deadline_;
  Channel channel_;
  std::optional<BridgePort> port_;
  std::optional<MovingAddress> address_;
  std::optional<PacketWall> wall_;
  std::vector<UniqueFd> spaces_;  ///< namespaces of CRIU
  std::optional<PreCopy> pre_copy_;
  std::optional<PagePipes> pages_;
  UniqueFd page_connection_;
  std::optional<Service> service_;
  std::vector<pid_t> tree_;
  std::vector<std::filesystem::path> carried_;  ///< files that went with it
  std::uint64_t bytes_ = 0;
  bool dumping_ = false;
  bool locked_ = false;
  bool unanswered_ = false;  ///< CRIU waits at its post-dump hook
};

}  // namespace

void serve_source(const AgentSettings& settings, Control& control) {
  Source(settings, control).serve();
}

}  // namespace migbench::criu
