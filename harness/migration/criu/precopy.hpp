// Iterative pre-copy: pre-dumps of the running workload, each of which writes only the pages that
// were written since the one before. The tasks are stopped for a moment in each; the dump at the
// end then has little left to write.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/migration/criu/agent.hpp"
#include "harness/migration/criu/channel.hpp"
#include "harness/migration/criu/workspace.hpp"

namespace migbench::criu {

/// The directory of one pre-dump's images, below those of the dump; counted from 1.
[[nodiscard]] std::string round_directory(int round);
/// The number of a round out of an image's name as it travels ("round-2/core-1.img"), and 0 for an
/// image of the dump itself. Throws Error for a name that leads elsewhere.
[[nodiscard]] int round_of(const std::string& image);

class PreCopy {
 public:
  /// `namespaces`: as Service takes them; they must outlive this.
  PreCopy(const AgentSettings& settings, const Workspace& workspace, std::vector<int> namespaces)
      : settings_(settings), workspace_(workspace), namespaces_(std::move(namespaces)) {}

  /// Whether there have been as many rounds as were asked for, or the last one was small enough.
  [[nodiscard]] bool enough() const noexcept;
  /// Makes one, and sends what it wrote unless both nodes see it. Returns what the harness is told:
  /// "round", "start", "bytes" and CRIU's "statistics". Throws Error; the workload runs then.
  nlohmann::json make(Channel& channel, std::int64_t deadline_ns, int cancel);
  /// For Options::parent_images of the dump; empty where there was no round.
  [[nodiscard]] std::string parent() const;

 private:
  std::uint64_t pre_dump(const std::filesystem::path& directory, Channel& channel,
                         std::int64_t deadline_ns, int cancel);
  [[nodiscard]] std::string request(int images) const;

  const AgentSettings& settings_;
  const Workspace& workspace_;
  std::vector<int> namespaces_;
  int round_ = 0;
  std::uint64_t last_written_ = 0;
};

}  // namespace migbench::criu
