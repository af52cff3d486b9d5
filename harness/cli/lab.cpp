#include <memory>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/program.hpp"
#include "harness/cli/finish_run.hpp"
#include "harness/cli/plan_options.hpp"
#include "harness/cli/subcommand.hpp"
#include "harness/lab/lab_host.hpp"
#include "harness/run/schedule.hpp"
#include "harness/site/spawn.hpp"

namespace migbench {
namespace {

struct LabOptions {
  int vcpus = 2;
  std::string memory = "4GiB";
  std::vector<std::string> writable;
  std::vector<std::string> command;
  PlanOptions plan{.plan = "table1"};
  std::string runs = "runs";
  bool quiet = false;
};

/// Runs it with this process's own streams; an interruption ends it.
int run_through(const Command& command) {
  const pid_t child =
      spawn({.command = command, .in = ::isatty(0) == 1 ? -1 : 0, .out = 1, .err = 2});
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw system_error("wait for the command");
    ::kill(-child, SIGTERM);
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

ExitCode exec(const LabOptions& options) {
  if (const auto no = lab::lab_support()) {
    fmt::print(stderr, "migbench: {}; {}\n", no->reason, no->remedy);
    return ExitCode::nothing_could_run;
  }
  catch_interrupts();
  lab::LabHostOptions host;
  host.vcpus = options.vcpus;
  host.memory = parse_bytes(options.memory);
  for (const std::string& path : options.writable)
    host.writable.emplace_back(path);
  const auto guest = lab::boot_lab_host(host);
  fmt::print(stderr, "migbench: the lab's host was up after {}\n",
             format_duration(guest->boot_time()));
  Command command{options.command};
  std::error_code gone;
  command.directory = std::filesystem::current_path(gone);
  return static_cast<ExitCode>(run_through(guest->enter(command)));
}

ExitCode run_plan(PlanOptions plan, const std::string& runs, bool quiet, const CommandLine& line) {
  plan.set.insert(plan.set.begin(), R"(site={"kind":"lab"})");
  auto chosen = choose_plan(plan);
  if (!chosen.plan.seed) chosen.plan.seed = random_seed();
  auto run = RunDirectory::create(runs, chosen.plan, chosen.cells, line.argv);
  return execute_and_report(run, line.argv, quiet);
}

class LabCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "lab"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Emulated hosts with IOMMU, SR-IOV cards and KVM: run, exec";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench lab run table1\n"
           "  migbench lab exec -- ls /sys/kernel/iommu_groups /dev/kvm\n"
           "  migbench lab exec --writable results -- build/release/bin/migbench list";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& line) const override {
    auto options = std::make_shared<LabOptions>();
    app.require_subcommand(1);
    auto* exec_app = app.add_subcommand(
        "exec",
        "Boots one, runs a command in it, ends it. It sees this machine's files and can "
        "change them for itself; /tmp and /run are its own");
    exec_app->add_option("--vcpus", options->vcpus, "of the host")
        ->check(CLI::Range(1, 16))
        ->capture_default_str();
    exec_app->add_option("--memory", options->memory, "of the host")->capture_default_str();
    exec_app->add_option("--writable", options->writable, "a directory that it may really change")
        ->check(CLI::ExistingDirectory)
        ->type_name("DIRECTORY")
        ->expected(1)
        ->take_all();
    exec_app->add_option("command", options->command, "behind --, so that its options are its own")
        ->required()
        ->type_name("-- COMMAND ARGS...");
    auto* run_app = app.add_subcommand("run", "Runs a plan whose site are two of them");
    options->plan.define(*run_app);
    run_app->add_option("--runs", options->runs, "where the run's directory is made")
        ->type_name("DIRECTORY")
        ->capture_default_str();
    run_app->add_flag("--quiet", options->quiet, "no progress");
    return [=, &line] {
      if (run_app->parsed()) return run_plan(options->plan, options->runs, options->quiet, line);
      return exec(*options);
    };
  }
};
MIGBENCH_REGISTER(Subcommand, LabCommand);

}  // namespace
}  // namespace migbench
