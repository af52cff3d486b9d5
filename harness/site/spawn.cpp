#include "harness/site/spawn.hpp"

#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <future>
#include <mutex>
#include <queue>
#include <thread>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  list.reserve(words.size() + 1);
  for (std::string& word : words)
    list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

/// What the child needs, made before fork.
struct Prepared {
  std::string program;
  std::vector<std::string> argv_words, env_words;
  std::vector<char*> argv, env;
  std::string directory;
  std::array<int, 4> streams{};  ///< what becomes descriptor 0 to 3; -1: none
  bool new_session = false, dies_with_parent = false;
  pid_t parent = 0;
  int failure = -1;  ///< where errno goes when exec fails
};

/// Moves the four streams to 0 to 3. They are first lifted above, so that none is overwritten
/// before it is moved.
bool arrange_streams(const std::array<int, 4>& streams) {
  constexpr int kAbove = 16;
  std::array<int, 4> lifted{-1, -1, -1, -1};
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (streams[i] < 0) continue;
    lifted[i] = ::fcntl(streams[i], F_DUPFD_CLOEXEC, kAbove);
    if (lifted[i] < 0) return false;
  }
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (lifted[i] >= 0 && ::dup2(lifted[i], static_cast<int>(i)) < 0) return false;
  }
  return true;
}

/// Runs in the child. Async-signal-safe calls only.
[[noreturn]] void become(const Prepared& prepared) {
  const int failure = ::fcntl(prepared.failure, F_DUPFD_CLOEXEC, 20);
  bool ready = failure >= 0 && arrange_streams(prepared.streams);
  if (prepared.new_session) {
    ready = ready && ::setsid() >= 0;
  } else {
    ready = ready && ::setpgid(0, 0) == 0;
  }
  if (prepared.dies_with_parent) {
    ready = ready && ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
    if (::getppid() != prepared.parent) ::_exit(127);  // it died in between
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    ::sigaction(number, &action, nullptr);  // refused for SIGKILL and SIGSTOP, which do not matter
  }
  if (ready && !prepared.directory.empty()) ready = ::chdir(prepared.directory.c_str()) == 0;
  if (ready) ::execve(prepared.program.c_str(), prepared.argv.data(), prepared.env.data());
  const int number = errno;
  (void)!::write(failure, &number, sizeof number);
  ::_exit(127);
}

/// The thread in which every child is forked. PR_SET_PDEATHSIG fires when the *thread* that forked
/// ends, so it must be one that lives as long as the process; hence it is never joined.
class Spawner {
 public:
  static pid_t fork_child(const Prepared& prepared) {
    static auto* spawner = new Spawner;  // never destroyed: its thread uses it to the end
    static pid_t owner = ::getpid();
    if (owner != ::getpid()) {  // a forked process has not its parent's threads
      spawner = new Spawner;
      owner = ::getpid();
    }
    std::packaged_task<pid_t()> task([&prepared] {
      const pid_t pid = ::fork();
      if (pid == 0) become(prepared);
      if (pid < 0) throw system_error("fork");
      return pid;
    });
    auto result = task.get_future();
    {
      const std::lock_guard lock(spawner->mutex_);
      spawner->tasks_.push(std::move(task));
    }
    spawner->wake_.notify_one();
    return result.get();
  }

 private:
  Spawner() {
    std::thread([this] { serve(); }).detach();
  }
  [[noreturn]] void serve() {
    sigset_t all;  // signals are for the threads that know what to do with them
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
    for (;;) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !tasks_.empty(); });
      auto task = std::move(tasks_.front());
      tasks_.pop();
      lock.unlock();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::queue<std::packaged_task<pid_t()>> tasks_;
};

}  // namespace

std::string search_path(const std::string& name, const std::map<std::string, std::string>& env) {
  if (name.empty()) throw Error("a command without a program");
  if (name.find('/') != std::string::npos) return name;
  const auto own = env.find("PATH");
  const char* inherited = std::getenv("PATH");
  const std::string path = own != env.end()       ? own->second
                           : inherited != nullptr ? inherited
                                                  : "/usr/local/bin:/usr/bin:/bin";
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find(':', begin), path.size());
    const std::string directory = path.substr(begin, end - begin);
    std::string candidate = (directory.empty() ? "." : directory) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  throw Error(fmt::format("{}: there is no such program in PATH ({})", name, path));
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!added.contains(text.substr(0, text.find('=')))) merged.push_back(text);
  }
  for (const auto& [name, value] : added)
    merged.push_back(fmt::format("{}={}", name, value));
  return merged;
}

pid_t spawn(const SpawnRequest& request) {
  const Command& command = request.command;
  if (command.argv.empty()) throw Error("a command without a program");
  const UniqueFd null = open_or_throw("/dev/null", O_RDWR);
  std::array<int, 2> failure{};
  if (::pipe2(failure.data(), O_CLOEXEC) != 0) throw system_error("pipe");
  const UniqueFd failure_read(failure[0]);
  UniqueFd failure_write(failure[1]);

  Prepared prepared;
  prepared.program = search_path(command.argv[0], command.env);
  prepared.argv_words = command.argv;
  prepared.env_words = merged_environment(command.env);
  prepared.argv = pointers(prepared.argv_words);
  prepared.env = pointers(prepared.env_words);
  prepared.directory = command.directory.string();
  const auto or_null = [&null](int fd) { return fd < 0 ? null.get() : fd; };
  prepared.streams = {or_null(request.in), or_null(request.out), or_null(request.err),
                      request.keep};
  prepared.new_session = request.new_session;
  prepared.dies_with_parent = request.dies_with_parent;
  prepared.parent = ::getpid();
  prepared.failure = failure_write.get();
  const pid_t pid = Spawner::fork_child(prepared);
  failure_write.reset();

  int number = 0;
  ssize_t got = 0;
  do {
    got = ::read(failure_read.get(), &number, sizeof number);
  } while (got < 0 && errno == EINTR);
  if (got == sizeof number) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    errno = number;
    throw system_error(fmt::format("run {}{}", prepared.program,
                                   prepared.directory.empty() ? "" : " in " + prepared.directory));
  }
  return pid;
}

}  // namespace migbench
