#include <memory>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/program.hpp"
#include "harness/cli/subcommand.hpp"
#include "harness/lab/lab_host.hpp"
#include "harness/site/spawn.hpp"

namespace migbench {
namespace {

struct Options {
  int vcpus = 2;
  std::string memory = "4GiB";
  std::vector<std::string> writable;
  std::vector<std::string> command;
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

ExitCode exec(const Options& options) {
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

class LabCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "lab"; }
  [[nodiscard]] std::string_view summary() const override {
    return "An emulated host with IOMMU, SR-IOV cards and KVM: exec";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench lab exec -- ls /sys/kernel/iommu_groups /dev/kvm\n"
           "  migbench lab exec --writable results -- build/release/bin/migbench list";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& /*line*/) const override {
    auto options = std::make_shared<Options>();
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
    return [=] { return exec(*options); };
  }
};
MIGBENCH_REGISTER(Subcommand, LabCommand);

}  // namespace
}  // namespace migbench
