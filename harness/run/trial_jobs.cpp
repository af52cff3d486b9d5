#include "harness/run/trial_jobs.hpp"

#include <algorithm>
#include <csignal>

#include <fmt/format.h>

#include "bench/document.hpp"
#include "harness/programs.hpp"
#include "harness/run/placing.hpp"

namespace migbench {
namespace {

constexpr std::size_t kErrTail = 4000;
// An emulated guest of the user's own is reached by ssh, whose handshake alone takes it seconds.
constexpr Nanoseconds kStarting = std::chrono::seconds{30};
constexpr Nanoseconds kEnding = std::chrono::seconds{2};

double seconds(Nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string ending(const std::string& text) {
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
                 seconds(finished.elapsed), ending(finished.err)});
  return finished;
}

std::vector<int> ranks_in_blocks(int ranks, int instances) {
  std::vector<int> blocks(static_cast<std::size_t>(instances), ranks / instances);
  for (int i = 0; i < ranks % instances; ++i)
    ++blocks[static_cast<std::size_t>(i)];
  return blocks;
}

std::optional<Signs> signs_of(const Job& job, const Cell& cell,
                              const std::filesystem::path& scratch) {
  if (!job.can_last || (!cell.technique && !cell.control)) return std::nullopt;
  return Signs{.ready = scratch / "ready", .going = scratch / "going"};
}

// By commands and not by the harness's own hand: a guest has files of its own.
void prepare_signs(const Place& first, const Signs& signs) {
  order(first, {"mkdir", "-p", signs.going.parent_path().string()}, kStarting);
  order(first, {"rm", "-f", signs.ready.string()}, kStarting);
  order(first, {"touch", signs.going.string()}, kStarting);
}

bool is_ready(const Place& first, const Signs& signs) {
  return first.run({{"test", "-e", signs.ready.string()}, {}, "/"}, kStarting).ok();
}

void remove_going(const Place& first, const Signs& signs) {
  order(first, {"rm", "-f", signs.going.string()}, kStarting);
}

Job with_signs(Job job, const std::optional<Signs>& signs) {
  if (signs)
    job.program.argv.insert(job.program.argv.end(),
                            {"--ready", signs->ready.string(), "--while", signs->going.string()});
  return job;
}

Command job_command(const Site& site, const Job& job, const Instances& instances) {
  Command program = placed_program(job, instances);
  if (job.ranks == 0) {
    std::replace(program.argv.begin(), program.argv.end(), std::string("{server}"),
                 instances.back()->address());
    return program;
  }
  MpiJob mpi{{}, program, job.transport, job.mca};
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

std::optional<RunningCommand> start_server(const Job& job, const Instances& instances,
                                           std::vector<CommandRun>& log) {
  if (job.server.argv.empty()) return {};
  const Instance& place = *instances.back();
  RunningCommand server("server", place, place.name(), job.server);
  if (!server.process().wait_for_output("listening", kStarting))
    throw Error("the workload's server does not start: " + describe(server.finish(kEnding, log)));
  return server;
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

ProbeSession::ProbeSession(const Site& site, Instance& instance, const nlohmann::json& settings,
                           std::vector<CommandRun>& log)
    : head_(site.head()),
      document_(site.scratch() / "probe.json"),
      log_(log),
      address_(instance.service_address()),
      server_("echo-server", instance, instance.name(), echo_command(address_)) {
  if (!server_.process().wait_for_output("ready", kStarting)) {
    throw Error("the echo server does not start: " + describe(server_.finish(kEnding, log_)));
  }
  std::filesystem::remove(document_);
  client_.emplace("probe", head_, "head", probe_command(settings, address_, document_));
  if (!client_->process().wait_for_output("answering", kStarting)) {
    client_->process().signal(SIGTERM);
    throw Error(fmt::format("the echo server at {} does not answer the probe: {}", address_,
                            describe(client_->finish(kEnding, log_))));
  }
  if (!head_.shares_clock()) clock_ = read_clock_of(head_);
}

ProbeSession::~ProbeSession() = default;

nlohmann::json ProbeSession::finish(Nanoseconds deadline) {
  client_->process().signal(SIGTERM);
  const auto finished = client_->finish(deadline, log_);
  server_.process().signal(SIGTERM);
  (void)server_.finish(deadline, log_);
  if (!finished.ok()) throw Error("the downtime probe: " + describe(finished));
  head_.copy_from(document_, document_);
  auto document = read_json(document_);
  if (clock_) shift_times(document, *clock_, read_clock_of(head_));
  return document;
}

}  // namespace migbench
