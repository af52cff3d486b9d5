#include "harness/run/trial_jobs.hpp"

#include <algorithm>
#include <csignal>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "harness/programs.hpp"

namespace migbench {
namespace {

constexpr std::size_t kErrTail = 4000;
constexpr Nanoseconds kStarting = std::chrono::seconds{10};
constexpr Nanoseconds kEnding = std::chrono::seconds{2};

double seconds(Nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string tail(const std::string& text) {
  return text.size() > kErrTail ? "..." + text.substr(text.size() - kErrTail) : text;
}

}  // namespace

RunningCommand::RunningCommand(std::string role, const Place& place, std::string place_name,
                               Command command, const ProcessOptions& options)
    : role_(std::move(role)),
      place_(std::move(place_name)),
      command_(std::move(command)),
      process_(place.start(command_, options)) {}

Finished RunningCommand::finish(Nanoseconds deadline, std::vector<CommandRun>& log) {
  auto finished = process_.wait(deadline);
  log.push_back({role_, place_, command_, finished.status, finished.timed_out,
                 seconds(finished.elapsed), tail(finished.err)});
  return finished;
}

std::vector<int> ranks_in_blocks(int ranks, int instances) {
  std::vector<int> blocks(static_cast<std::size_t>(instances), ranks / instances);
  for (int i = 0; i < ranks % instances; ++i)
    ++blocks[static_cast<std::size_t>(i)];
  return blocks;
}

Command job_command(const Site& site, const Job& job, const Instances& instances) {
  if (job.ranks == 0) return job.program;
  MpiJob mpi{{}, job.program, job.transport, job.mca};
  const auto blocks = ranks_in_blocks(job.ranks, static_cast<int>(instances.size()));
  for (std::size_t i = 0; i < instances.size(); ++i)
    if (blocks[i] > 0) mpi.groups.push_back({instances[i].get(), blocks[i]});
  return instances.back()->launcher(site.mpi_command(mpi));
}

std::optional<RunningCommand> start_job(const Site& site, const Job& job,
                                        const Instances& instances) {
  if (job.program.argv.empty()) return {};
  const auto command = job_command(site, job, instances);
  if (job.ranks > 0) return RunningCommand("workload", site.head(), "head", command);
  return RunningCommand("workload", *instances.front(), instances.front()->name(), command);
}

Command echo_command(const std::string& address) {
  return {{find_program("migbench-udp-echo").string(), "--address", address}};
}

Command probe_command(const nlohmann::json& settings, const std::string& address,
                      const std::filesystem::path& document) {
  Command command{{find_program("migbench-udp-probe").string(), "--server", address,
                   "--until-signal", "--announce", "--json", document.string()}};
  for (const auto& [key, value] : settings.items()) {
    command.argv.push_back("--" + key);
    command.argv.push_back(value.get<std::string>());
  }
  return command;
}

ProbeSession::ProbeSession(const Site& site, const Instance& instance,
                           const nlohmann::json& settings, std::vector<CommandRun>& log)
    : head_(site.head()),
      document_(site.scratch() / "probe.json"),
      log_(log),
      server_("echo-server", instance, instance.name(), echo_command(instance.address())) {
  if (!server_.process().wait_for_output("ready", kStarting)) {
    throw Error("the echo server does not start: " + describe(server_.finish(kEnding, log_)));
  }
  std::filesystem::remove(document_);
  client_.emplace("probe", head_, "head", probe_command(settings, instance.address(), document_));
  if (!client_->process().wait_for_output("answering", kStarting)) {
    client_->process().signal(SIGTERM);
    throw Error(fmt::format("the echo server at {} does not answer the probe: {}",
                            instance.address(), describe(client_->finish(kEnding, log_))));
  }
}

ProbeSession::~ProbeSession() = default;

nlohmann::json ProbeSession::finish(Nanoseconds deadline) {
  client_->process().signal(SIGTERM);
  const auto finished = client_->finish(deadline, log_);
  server_.process().signal(SIGTERM);
  (void)server_.finish(deadline, log_);
  if (!finished.ok()) throw Error("the downtime probe: " + describe(finished));
  head_.copy_from(document_, document_);
  return read_json(document_);
}

}  // namespace migbench
