// The processes of a trial: the workload, the echo server and the probe.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/environment/environment.hpp"
#include "harness/run/head_clock.hpp"
#include "harness/run/record.hpp"
#include "harness/site/process.hpp"
#include "harness/workload/workload.hpp"

namespace migbench {

/// A started process that knows what it is for.
class RunningCommand {
 public:
  RunningCommand(std::string role, const Place& place, std::string place_name, Command command,
                 const ProcessOptions& options = {});
  [[nodiscard]] Process& process() noexcept { return process_; }
  [[nodiscard]] const Command& command() const noexcept { return command_; }
  /// Waits to its end, adds it to `log`. To be called once.
  Finished finish(Nanoseconds deadline, std::vector<CommandRun>& log);

 private:
  std::string role_;
  std::string place_;
  Command command_;
  Process process_;
};

/// The commands as they would be run, for `migbench plan` too.
[[nodiscard]] Command echo_command(const std::string& address);
[[nodiscard]] Command probe_command(const nlohmann::json& settings, const std::string& address,
                                    const std::filesystem::path& document);

/// Ranks over instances in blocks, the first ones larger: 3 over 2 is 2 + 1.
[[nodiscard]] std::vector<int> ranks_in_blocks(int ranks, int instances);

using Instances = std::vector<std::unique_ptr<Instance>>;

/// Files in the first instance by which a job that is moved and the trial wait for each other
/// (Job::can_last).
struct Signs {
  std::filesystem::path ready, going;
};
/// Nothing for jobs that cannot, and in cells without moves. `scratch`: the site's.
[[nodiscard]] std::optional<Signs> signs_of(const Job& job, const Cell& cell,
                                            const std::filesystem::path& scratch);
/// Before the job is started. Throws Error.
void prepare_signs(const Place& first, const Signs& signs);
[[nodiscard]] bool is_ready(const Place& first, const Signs& signs);
/// The job may end. Throws Error.
void remove_going(const Place& first, const Signs& signs);
/// The job told of them; as it is where there are none.
[[nodiscard]] Job with_signs(Job job, const std::optional<Signs>& signs);

/// What the site's head or the first instance has to run for this job.
[[nodiscard]] Command job_command(const Site& site, const Job& job, const Instances& instances);

/// Nothing where the job has no program.
[[nodiscard]] std::optional<RunningCommand> start_job(const Site& site, const Job& job,
                                                      const Instances& instances);

/// The peer of a plain process, when it is ready; nothing where the job has none. Throws Error.
[[nodiscard]] std::optional<RunningCommand> start_server(const Job& job, const Instances& instances,
                                                         std::vector<CommandRun>& log);

/// The downtime probe: a server inside an instance, the client at the site's head.
class ProbeSession {
 public:
  /// Returns when the server answers. Throws Error.
  ProbeSession(const Site& site, Instance& instance, const nlohmann::json& settings,
               std::vector<CommandRun>& log);
  ~ProbeSession();
  ProbeSession(const ProbeSession&) = delete;
  ProbeSession& operator=(const ProbeSession&) = delete;
  ProbeSession(ProbeSession&&) = delete;
  ProbeSession& operator=(ProbeSession&&) = delete;

  /// Ends both and returns the client's document, its times in this machine's clock. To be called
  /// once. Throws Error.
  [[nodiscard]] nlohmann::json finish(Nanoseconds deadline);

 private:
  const Place& head_;
  std::filesystem::path document_;
  std::vector<CommandRun>& log_;
  std::string address_;
  RunningCommand server_;
  std::optional<RunningCommand> client_;
  std::optional<ClockReading> clock_;  ///< of the head, where it is not this machine's
};

}  // namespace migbench
