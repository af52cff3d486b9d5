#include "harness/migration/criu/rpc.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "harness/migration/criu/proto.hpp"

namespace migbench::criu {
namespace {

/// Field numbers of rpc.proto (CRIU 4.2).
namespace req {
constexpr unsigned kType = 1, kOptions = 2, kNotifySuccess = 3, kFeatures = 5;
}
namespace opt {
constexpr unsigned kImagesDir = 1, kPid = 2, kLeaveRunning = 3, kTcpEstablished = 5, kShellJob = 7,
                   kFileLocks = 8, kLogLevel = 9, kLogFile = 10, kNotify = 12, kRoot = 13,
                   kParent = 14, kTrackMemory = 15, kWorkDir = 17, kLinkRemap = 18, kInheritFd = 27,
                   kManageCgroups = 34, kGhostLimit = 35, kExternal = 37, kSkipInFlight = 46,
                   kLazyPages = 48, kConfigFile = 51, kNetworkLock = 64;
}
namespace resp {
constexpr unsigned kType = 1, kSuccess = 2, kRestore = 4, kNotify = 5, kErrno = 7, kFeatures = 8,
                   kErrorText = 9, kVersion = 10;
}
constexpr std::uint64_t kTypeNotify = 6;
/// CRIU's CG_MODE_IGNORE: the groups of source and destination are the site's affair.
constexpr std::uint64_t kIgnoreCgroups = 0;
/// Unlinked files up to this size travel in the images.
constexpr std::uint64_t kGhostLimit = 64UL << 20U;

ProtoWriter encode(const Options& options) {
  ProtoWriter writer;
  writer.integer(opt::kImagesDir, options.images_dir);
  if (options.work_dir >= 0) writer.integer(opt::kWorkDir, options.work_dir);
  if (options.pid > 0) writer.integer(opt::kPid, options.pid);
  if (options.leave_running) writer.number(opt::kLeaveRunning, 1);
  writer.number(opt::kTcpEstablished, 1)
      .number(opt::kFileLocks, 1)
      .number(opt::kShellJob, 1)
      .number(opt::kLinkRemap, 1)
      // A connection that is just being made is left out: its peer asks again.
      .number(opt::kSkipInFlight, 1)
      .number(opt::kGhostLimit, kGhostLimit)
      .integer(opt::kLogLevel, options.log_level)
      .number(opt::kNotify, 1)
      .number(opt::kManageCgroups, kIgnoreCgroups)
      .number(opt::kNetworkLock, static_cast<std::uint64_t>(options.network_lock));
  if (!options.log_file.empty()) writer.text(opt::kLogFile, options.log_file);
  if (!options.root.empty()) writer.text(opt::kRoot, options.root);
  if (!options.parent_images.empty()) writer.text(opt::kParent, options.parent_images);
  if (options.track_memory) writer.number(opt::kTrackMemory, 1);
  for (const auto& [key, descriptor] : options.inherit_fd)
    writer.message(opt::kInheritFd, ProtoWriter().text(1, key).integer(2, descriptor));
  for (const std::string& external : options.external)
    writer.text(opt::kExternal, external);
  if (options.lazy_pages) writer.number(opt::kLazyPages, 1);
  if (!options.config_file.empty()) writer.text(opt::kConfigFile, options.config_file);
  return writer;
}

void read_notify(std::string_view bytes, Message& message) {
  ProtoReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->field == 1) message.notification = field->bytes;
    if (field->field == 2) message.pid = static_cast<pid_t>(field->number);
  }
}

void read_features(std::string_view bytes, Message& message) {
  ProtoReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->field == 1) message.feature_memory_tracking = field->number != 0;
    if (field->field == 2) message.feature_lazy_pages = field->number != 0;
  }
}

void read_version(std::string_view bytes, Message& message) {
  std::array<std::uint64_t, 7> part{};
  ProtoReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->field < part.size()) part.at(field->field) = field->number;
  }
  message.version = fmt::format("{}.{}", part[1], part[2]);
  if (part[4] != 0) message.version += fmt::format(".{}", part[4]);
}

/// Runs in the child.
[[noreturn]] void become_service(const char* program, int socket, int log,
                                 const std::vector<int>& spaces, const std::vector<int>& keep) {
  // Not in the harness's session: it must outlive a harness that is killed, to thaw the workload.
  ::setsid();
  // CRIU ends its own helpers by SIGTERM, which they must not inherit as ignored.
  for (int number = 1; number < NSIG; ++number)
    (void)::signal(number, SIG_DFL);
  for (const int space : spaces) {
    if (::setns(space, 0) != 0) ::_exit(126);
  }
  // Lifted first, so that none is overwritten before it has been moved.
  constexpr int kAbove = 100;
  int next = Service::kFirstKept;
  const int lifted = ::fcntl(socket, F_DUPFD_CLOEXEC, kAbove);
  std::array<int, 8> kept{};
  for (std::size_t i = 0; i < keep.size() && i < kept.size(); ++i)
    kept.at(i) = ::fcntl(keep[i], F_DUPFD_CLOEXEC, kAbove);
  ::dup2(log, 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  ::dup2(lifted, 3);
  for (std::size_t i = 0; i < keep.size() && i < kept.size(); ++i)
    ::dup2(kept.at(i), next++);
  ::syscall(SYS_close_range, 4U, static_cast<unsigned>(Service::kFirstKept) - 1, 0U);
  ::syscall(SYS_close_range, static_cast<unsigned>(next), ~0U, 0U);
  ::execl(program, program, "swrk", "3", nullptr);
  ::_exit(127);
}

}  // namespace

std::string make_request(Request request, const Options& options) {
  ProtoWriter writer;
  writer.number(req::kType, static_cast<std::uint64_t>(request));
  if (request == Request::feature_check) {
    writer.message(req::kFeatures, ProtoWriter().number(1, 1).number(2, 1));
  } else if (request != Request::version) {
    writer.message(req::kOptions, encode(options));
  }
  return writer.bytes();
}

Message parse_response(const std::string& bytes) {
  Message message;
  std::uint64_t type = 0;
  ProtoReader reader(bytes);
  while (const auto field = reader.next()) {
    switch (field->field) {
      case resp::kType:
        type = field->number;
        break;
      case resp::kSuccess:
        message.success = field->number != 0;
        break;
      case resp::kRestore: {
        ProtoReader restored(field->bytes);
        while (const auto inner = restored.next())
          message.pid = static_cast<pid_t>(inner->number);
        break;
      }
      case resp::kNotify:
        read_notify(field->bytes, message);
        break;
      case resp::kErrno:
        message.error = static_cast<int>(field->number);
        break;
      case resp::kFeatures:
        read_features(field->bytes, message);
        break;
      case resp::kErrorText:
        message.error_text = field->bytes;
        break;
      case resp::kVersion:
        read_version(field->bytes, message);
        break;
      default:
        break;
    }
  }
  message.last = type != kTypeNotify;
  return message;
}

Service::Service(const std::string& program, const std::vector<int>& namespaces,
                 const std::vector<int>& keep) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw system_error("socketpair");
  socket_.reset(ends[0]);
  const UniqueFd theirs(ends[1]);
  const UniqueFd null = open_or_throw("/dev/null", O_RDWR);
  pid_ = ::fork();
  if (pid_ < 0) throw system_error("fork");
  if (pid_ == 0) become_service(program.c_str(), theirs.get(), null.get(), namespaces, keep);
}

Service::~Service() {
  hang_up();
  constexpr Nanoseconds kGrace = std::chrono::seconds{10};
  if (!reaped_ && !wait(kGrace)) kill();
}

void Service::send(const std::string& request) {
  if (::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
    throw system_error("send a request to criu", "did it start? scripts/criu.sh tests it");
}

std::optional<Message> Service::receive() {
  std::string buffer(64UL << 10U, '\0');
  ssize_t got = 0;
  do {
    got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return std::nullopt;
  buffer.resize(static_cast<std::size_t>(got));
  return parse_response(buffer);
}

void Service::answer(bool success) {
  ProtoWriter writer;
  writer.number(req::kType, kTypeNotify).number(req::kNotifySuccess, success ? 1 : 0);
  send(writer.bytes());
}

bool Service::wait(Nanoseconds patience) {
  if (reaped_) return true;
  const UniqueFd end(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  pollfd watched{end.get(), POLLIN, 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  if (end && ::poll(&watched, 1, static_cast<int>(milliseconds)) <= 0) return false;
  reaped_ = ::waitpid(pid_, nullptr, end ? 0 : WNOHANG) == pid_;
  return reaped_;
}

void Service::kill() noexcept {
  if (reaped_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  reaped_ = true;
}

}  // namespace migbench::criu
