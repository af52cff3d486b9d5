// The two programs as a user and the harness run them.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/document.hpp"
#include "bench/error.hpp"
#include "tests/catch.hpp"
#include "udp_downtime/calibration/calibrate.hpp"

using namespace migbench;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (fs::temp_directory_path() / "migbench-udp-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw system_error("mkdtemp");
    path_ = name;
  }
  ~TemporaryDirectory() { fs::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

class Child {
 public:
  /// Standard output goes to `out`; standard input is a pipe that close_input() closes.
  Child(std::vector<std::string> arguments, const fs::path& out) {
    std::vector<char*> argv;
    for (std::string& argument : arguments)
      argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw system_error("pipe");
    input_ = pipe[1];
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, pipe[0], 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                       0644);
    ::posix_spawn_file_actions_addopen(&actions, 2, (out.string() + ".err").c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) pid_ = -1;
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[0]);
  }
  ~Child() {
    close_input();
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      (void)wait();
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void close_input() {
    if (input_ >= 0) ::close(input_);
    input_ = -1;
  }
  void signal(int number) const { ::kill(pid_, number); }
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Exit status, or 128 + signal.
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
  int input_ = -1;
};

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Waits for a whole line with `text`; what was read.
std::string wait_for(const fs::path& path, const std::string& text) {
  for (int i = 0; i < 2000; ++i) {
    const std::string read = content(path);
    const auto found = read.find(text);
    if (found != std::string::npos && read.find('\n', found) != std::string::npos) return read;
    std::this_thread::sleep_for(10ms);
  }
  return {};
}

struct Server {
  TemporaryDirectory directory;
  Child process{{MIGBENCH_UDP_ECHO, "--address", "127.0.0.1", "--port", "0", "--ready-file",
                 (directory / "ready").string()},
                directory / "out"};
  std::string port() {
    const std::string line = wait_for(directory / "ready", "ready ");
    REQUIRE_FALSE(line.empty());
    return line.substr(line.rfind(':') + 1, line.find('\n') - line.rfind(':') - 1);
  }
};

int run_probe(std::vector<std::string> arguments, const fs::path& out) {
  arguments.insert(arguments.begin(), MIGBENCH_UDP_PROBE);
  Child probe(arguments, out);
  return probe.wait();
}

}  // namespace

TEST_CASE("the probe runs until a signal, ends orderly and writes its document") {
  Server server;
  const TemporaryDirectory directory;
  Child probe({MIGBENCH_UDP_PROBE, "--server", "127.0.0.1", "--port", server.port(), "--interval",
               "1ms", "--until-signal", "--announce", "--json", (directory / "doc.json").string(),
               "--raw", (directory / "raw.csv").string()},
              directory / "out");
  REQUIRE_FALSE(wait_for(directory / "out", "answering").empty());
  // An outage, made as simply as can be.
  server.process.signal(SIGSTOP);
  std::this_thread::sleep_for(60ms);
  server.process.signal(SIGCONT);
  std::this_thread::sleep_for(100ms);
  probe.signal(SIGTERM);
  CHECK(probe.wait() == 0);

  const nlohmann::json document = read_json(directory / "doc.json");
  CHECK(document.at("program") == "migbench-udp-probe");
  CHECK(document.at("sent").get<std::uint64_t>() >= 200);
  CHECK(document.at("received") == document.at("sent"));
  CHECK(document.at("lost") == 0);
  CHECK(document.at("outage_count").get<int>() >= 1);
  CHECK(document.at("downtime").at("kind") == "paused");
  CHECK(document.at("downtime").at("value_ns").get<std::int64_t>() > 55'000'000);
  for (const char* estimator : {"lost_interval", "lost_run", "service_gap", "pause"})
    CHECK(document.at("estimators").at(estimator).contains("value_ns"));
  std::uint64_t sent = 0;
  for (const auto& point : document.at("timeline"))
    sent += point.at("sent").get<std::uint64_t>();
  CHECK(sent == document.at("sent").get<std::uint64_t>());
  const std::string raw = content(directory / "raw.csv");
  CHECK(std::count(raw.begin(), raw.end(), '\n') ==
        static_cast<std::ptrdiff_t>(document.at("sent").get<std::uint64_t>() + 1));
  server.process.signal(SIGTERM);
  CHECK(server.process.wait() == 0);
}

TEST_CASE("the probe runs until its input closes, and to the end of its duration") {
  Server server;
  const TemporaryDirectory directory;
  Child probe({MIGBENCH_UDP_PROBE, "--server", "127.0.0.1", "--port", server.port(), "--interval",
               "1ms", "--until-input-closes", "--announce"},
              directory / "out");
  REQUIRE_FALSE(wait_for(directory / "out", "answering").empty());
  probe.close_input();
  CHECK(probe.wait() == 0);
  CHECK(content(directory / "out").find("lost x interval") != std::string::npos);

  CHECK(
      run_probe({"--server", "127.0.0.1", "--port", server.port(), "--duration", "50ms", "--json"},
                directory / "json") == 0);
  const auto document = parse_json(content(directory / "json"), "standard output");
  CHECK(document.at("options").at("duration_ns") == 50'000'000);
  CHECK(document.at("interval_ns") == 100'000);
}

TEST_CASE("an interrupted run prints what it has and says so") {
  Server server;
  const TemporaryDirectory directory;
  Child probe({MIGBENCH_UDP_PROBE, "--server", "127.0.0.1", "--port", server.port(), "--duration",
               "1min", "--announce"},
              directory / "out");
  REQUIRE_FALSE(wait_for(directory / "out", "answering").empty());
  probe.signal(SIGINT);
  CHECK(probe.wait() == 130);
  CHECK(content(directory / "out").find("service gap") != std::string::npos);
}

TEST_CASE("bad input is refused with exit status 2") {
  const TemporaryDirectory directory;
  const std::vector<std::vector<std::string>> bad{
      {},
      {"--server", "10.0.0.300"},
      {"--server", "127.0.0.1", "--interval", "100"},
      {"--server", "127.0.0.1", "--interval", "1us"},
      {"--server", "127.0.0.1", "--duration", "-1s"},
      {"--server", "127.0.0.1", "--preset", "none"},
      {"--server", "127.0.0.1", "--threshold", "10us"},
      {"--server", "127.0.0.1", "--announce", "--json", "-"},
      {"--server", "127.0.0.1", "--nonsense"},
      {"--calibrate", "--outages", "1ms,,5ms"},
      {"--calibrate", "--kinds", "exploded"},
      {"--calibrate", "--outages", "10us"}};
  for (const auto& arguments : bad) {
    CHECK(run_probe(arguments, directory / "out") == 2);
    CHECK_FALSE(content(directory / "out.err").empty());
  }
  Child server({MIGBENCH_UDP_ECHO, "--address", "nowhere"}, directory / "out");
  CHECK(server.wait() == 2);
}

TEST_CASE("a calibration that is killed leaves nothing behind") {
  if (const Support missing = udp::calibration_support())
    skip_test(missing->reason + "; " + missing->remedy);
  const TemporaryDirectory directory;
  Child calibration({MIGBENCH_UDP_PROBE, "--calibrate", "--outages", "300ms", "--kinds", "paused"},
                    directory / "out");
  // Its echo server, whose network namespace is not ours.
  const auto children = fs::path("/proc") / std::to_string(calibration.pid()) / "task" /
                        std::to_string(calibration.pid()) / "children";
  std::string child;
  for (int i = 0; i < 500 && child.empty(); ++i) {
    std::this_thread::sleep_for(10ms);
    std::ifstream(children) >> child;
  }
  REQUIRE_FALSE(child.empty());
  std::this_thread::sleep_for(500ms);  // into an outage: the server may be stopped
  calibration.signal(SIGKILL);
  CHECK(calibration.wait() == 128 + SIGKILL);
  bool gone = false;
  for (int i = 0; i < 500 && !gone; ++i) {
    std::this_thread::sleep_for(10ms);
    const std::string status = content(fs::path("/proc") / child / "stat");
    gone = status.empty() || status.find(") Z ") != std::string::npos;
  }
  CHECK(gone);
}
