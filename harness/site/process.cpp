#include "harness/site/process.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/program.hpp"
#include "harness/site/spawn.hpp"

namespace migbench {
namespace {

constexpr Nanoseconds kDefaultGrace = std::chrono::seconds(2);

/// A file in memory that holds the standard input: no thread has to feed a pipe.
UniqueFd input_file(const std::string& input) {
  UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) throw system_error("memfd_create");
  for (std::size_t done = 0; done < input.size();) {
    const ssize_t wrote = ::write(file.get(), input.data() + done, input.size() - done);
    if (wrote < 0) throw system_error("write the standard input");
    done += static_cast<std::size_t>(wrote);
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) throw system_error("lseek");
  return file;
}

int exit_status(const siginfo_t& info) {
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

}  // namespace

/// A thread of its own reads both streams all the time, so that a program never blocks on a full
/// pipe while the harness does something else, and notices the end. The dead child stays a zombie
/// until the object goes: as long as it is one, its process group's number belongs to nobody else.
struct Process::State {
  /// One captured stream.
  struct Stream {
    UniqueFd fd;
    std::string text;
  };

  Command command;
  std::size_t most_output = 0;
  Nanoseconds grace{};
  pid_t pid = -1;
  std::int64_t start_ns = 0, end_ns = 0;
  std::array<Stream, 2> streams;
  UniqueFd stop;
  std::thread reader;

  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false, reading = true, truncated = false;
  int status = 0;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    if (pid <= 0) return;  // it never started; kill(-pid) would hit others
    if (reader.joinable()) {
      end_group();
      const std::uint64_t one = 1;
      (void)!::write(stop.get(), &one, sizeof one);
      reader.join();
    } else {
      ::kill(-pid, SIGKILL);
    }
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  /// SIGTERM, then SIGKILL after the grace, to all of the group that is left.
  void end_group() {
    ::kill(-pid, SIGTERM);
    {
      std::unique_lock lock(mutex);
      changed.wait_for(lock, grace, [this] { return ended; });
    }
    ::kill(-pid, SIGKILL);
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return ended; });
  }

  /// Takes what there is to read; false at the end of the stream.
  bool take(Stream& stream) {
    std::array<char, 65536> buffer;
    const ssize_t got = ::read(stream.fd.get(), buffer.data(), buffer.size());
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    if (got == 0) return false;
    const std::lock_guard lock(mutex);
    const std::size_t room = most_output - std::min(most_output, stream.text.size());
    const auto size = static_cast<std::size_t>(got);
    truncated = truncated || size > room;
    stream.text.append(buffer.data(), std::min(size, room));
    changed.notify_all();
    return true;
  }

  bool look_for_end() {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == 0)
      return false;
    const std::lock_guard lock(mutex);
    end_ns = deadline_now_ns();
    status = exit_status(info);
    ended = true;
    changed.notify_all();
    return true;
  }

  /// What was written before the end is in the pipes already; more may come from children that
  /// outlive their parent, and nobody waits for those.
  void drain() {
    for (Stream& stream : streams) {
      pollfd ready{stream.fd.get(), POLLIN, 0};
      while (stream.fd && ::poll(&ready, 1, 0) > 0 && take(stream)) {
      }
    }
    const std::lock_guard lock(mutex);
    reading = false;
    changed.notify_all();
  }

  void read_to_end() {
    const UniqueFd end(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    const int timeout = end ? -1 : 5;  // kernels before 5.3 have no pidfd: look every 5 ms
    bool drained = false;
    for (;;) {
      if (!ended && look_for_end()) {
        drain();
        drained = true;
      }
      std::array<pollfd, 4> watched{
          pollfd{streams[0].fd.get(), POLLIN, 0}, pollfd{streams[1].fd.get(), POLLIN, 0},
          pollfd{stop.get(), POLLIN, 0}, pollfd{drained ? -1 : end.get(), POLLIN, 0}};
      ::poll(watched.data(), watched.size(), timeout);
      for (std::size_t i = 0; i < streams.size(); ++i) {
        if (watched.at(i).revents != 0 && !take(streams.at(i))) streams.at(i).fd.reset();
      }
      if (watched[2].revents != 0 && drained) return;
    }
  }
};

Process::Process(std::unique_ptr<State> state) : state_(std::move(state)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;
Process::~Process() = default;

Process Process::start(const Command& command, const ProcessOptions& options) {
  auto state = std::make_unique<State>();
  state->command = command;
  state->most_output = options.most_output;
  state->grace = options.grace.value_or(kDefaultGrace);
  state->stop = UniqueFd(::eventfd(0, EFD_CLOEXEC));
  if (!state->stop) throw system_error("eventfd");

  SpawnRequest request{.command = command};
  UniqueFd input;
  if (!options.input.empty()) input = input_file(options.input);
  request.in = input.get();
  std::array<UniqueFd, 2> writers;
  for (std::size_t i = 0; i < writers.size(); ++i) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("pipe");
    state->streams.at(i).fd.reset(ends[0]);
    writers.at(i).reset(ends[1]);
  }
  request.out = writers[0].get();
  request.err = writers[1].get();

  state->start_ns = deadline_now_ns();
  state->pid = spawn(request);
  state->reader = std::thread([raw = state.get()] { raw->read_to_end(); });
  return Process(std::move(state));
}

pid_t Process::pid() const noexcept {
  return state_->pid;
}

bool Process::running() {
  const std::lock_guard lock(state_->mutex);
  return !state_->ended;
}

void Process::signal(int number) {
  ::kill(-state_->pid, number);
}

Finished Process::wait(Nanoseconds deadline) {
  State& state = *state_;
  Finished finished;
  const std::int64_t until = deadline_now_ns() + deadline.count();
  {
    std::unique_lock lock(state.mutex);
    while (!state.ended && !interrupted() && deadline_now_ns() < until) {
      // interrupted() is set by a signal handler, which cannot notify: look at it now and then.
      const Nanoseconds slice =
          std::min<Nanoseconds>(std::chrono::milliseconds(50),
                                Nanoseconds(std::max<std::int64_t>(1, until - deadline_now_ns())));
      state.changed.wait_for(lock, slice);
    }
    finished.timed_out = !state.ended && !interrupted();
  }
  state.end_group();
  std::unique_lock lock(state.mutex);
  state.changed.wait(lock, [&state] { return !state.reading; });
  finished.command = state.command;
  finished.status = state.status;
  finished.out = std::move(state.streams[0].text);
  finished.err = std::move(state.streams[1].text);
  finished.truncated = state.truncated;
  finished.elapsed = Nanoseconds(state.end_ns - state.start_ns);
  return finished;
}

bool Process::wait_for_output(const std::string& text, Nanoseconds deadline) {
  State& state = *state_;
  const std::int64_t until = deadline_now_ns() + deadline.count();
  const auto found = [&] {
    const auto at = state.streams[0].text.find(text);
    return at != std::string::npos && state.streams[0].text.find('\n', at) != std::string::npos;
  };
  std::unique_lock lock(state.mutex);
  while (!found()) {
    if (!state.reading || interrupted() || deadline_now_ns() >= until) return false;
    state.changed.wait_for(lock, std::chrono::milliseconds(50));
  }
  return true;
}

std::string Process::output() const {
  const std::lock_guard lock(state_->mutex);
  return state_->streams[0].text;
}

Finished run(const Command& command, Nanoseconds deadline, const ProcessOptions& options) {
  return Process::start(command, options).wait(deadline);
}

}  // namespace migbench
