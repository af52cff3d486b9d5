#include "harness/migration/criu_agent_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "bench/error.hpp"
#include "harness/site/spawn.hpp"

namespace migbench {
namespace {

/// An agent that was hung up on brings the move to a safe end in this time.
constexpr int kEndingMilliseconds = 25'000;

struct Pipe {
  UniqueFd reader, writer;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("pipe");
    reader.reset(ends[0]);
    writer.reset(ends[1]);
  }
};

}  // namespace

CriuAgentProcess::CriuAgentProcess(std::string side, const Command& command,
                                   const criu::AgentSettings& settings)
    : side_(std::move(side)), control_(-1, -1) {
  Pipe in;
  Pipe out;
  pid_ = spawn({.command = command, .in = in.reader.get(), .out = out.writer.get()});
  input_ = std::move(in.writer);
  output_ = std::move(out.reader);
  control_ = criu::Control(output_.get(), input_.get());
  const std::string line = to_json(settings).dump() + "\n";
  if (::write(input_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw system_error("tell the agent on the " + side_ + " its settings");
}

CriuAgentProcess::~CriuAgentProcess() {
  hang_up();
  const UniqueFd end(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  pollfd watched{end.get(), POLLIN, 0};
  if (::poll(&watched, 1, kEndingMilliseconds) == 0) ::kill(-pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::vector<nlohmann::json> CriuAgentProcess::listen() {
  control_.read_some();
  std::vector<nlohmann::json> heard;
  while (auto event = control_.next())
    heard.push_back(std::move(*event));
  events_.insert(events_.end(), heard.begin(), heard.end());
  return heard;
}

nlohmann::json CriuAgentProcess::expect(const std::string& event, std::int64_t deadline_ns) {
  auto heard = control_.wait(deadline_ns);
  if (!heard) {
    throw Error(fmt::format("the criu agent on the {} {} before it was {}", side_,
                            control_.gone() ? "ended" : "did not answer", event));
  }
  events_.push_back(*heard);
  if (heard->value("event", "") != event) {
    throw Error(
        fmt::format("the criu agent on the {}: {}", side_, heard->value("reason", heard->dump())));
  }
  return *heard;
}

void CriuAgentProcess::tell(const char* command) {
  const std::string line = nlohmann::json{{"command", command}}.dump() + "\n";
  (void)!::write(input_.get(), line.data(), line.size());
}

const nlohmann::json* CriuAgentProcess::find(const std::string& event) const {
  const auto found = std::find_if(events_.rbegin(), events_.rend(), [&event](const auto& said) {
    return said.value("event", "") == event;
  });
  return found == events_.rend() ? nullptr : &*found;
}

std::optional<std::int64_t> CriuAgentProcess::when(const std::string& event) const {
  const nlohmann::json* said = find(event);
  if (said == nullptr) return std::nullopt;
  return said->at("at").get<std::int64_t>();
}

}  // namespace migbench
