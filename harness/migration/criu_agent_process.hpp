// An agent as the harness sees it: a program on a node that is told things and says things.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "harness/migration/criu/agent.hpp"
#include "harness/migration/criu/control.hpp"
#include "harness/site/command.hpp"
#include "harness/site/unique_fd.hpp"

namespace migbench {

class CriuAgentProcess {
 public:
  /// Starts `command` (migbench-criu-agent as some place enters it) and tells it `settings`.
  CriuAgentProcess(std::string side, const Command& command, const criu::AgentSettings& settings);
  /// Closes its input, which makes it give up what can be given up, and waits for it.
  ~CriuAgentProcess();
  CriuAgentProcess(const CriuAgentProcess&) = delete;
  CriuAgentProcess& operator=(const CriuAgentProcess&) = delete;

  /// Waits for an event of this name. Throws Error where another, the end or the deadline comes
  /// first.
  nlohmann::json expect(const std::string& event, std::int64_t deadline_ns);
  void tell(const char* command);
  /// No more will be told: it gives up.
  void hang_up() { input_.reset(); }

  /// For poll.
  [[nodiscard]] int descriptor() const noexcept { return control_.descriptor(); }
  /// Reads what it said; empty where no whole line has come.
  std::vector<nlohmann::json> listen();
  [[nodiscard]] bool gone() const noexcept { return control_.gone(); }
  /// All that it has said so far.
  [[nodiscard]] const std::vector<nlohmann::json>& events() const noexcept { return events_; }
  /// The last event of that name.
  [[nodiscard]] const nlohmann::json* find(const std::string& event) const;
  /// When that was said; nothing where it was not.
  [[nodiscard]] std::optional<std::int64_t> when(const std::string& event) const;

 private:
  std::string side_;
  UniqueFd input_, output_;
  criu::Control control_;
  pid_t pid_ = -1;
  std::vector<nlohmann::json> events_;
};

}  // namespace migbench
