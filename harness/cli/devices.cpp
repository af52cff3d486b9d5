// migbench devices: which devices of this machine a virtual machine could be given, and why others
// not. `devices lend` is what the environments passthrough and sriov start on a node.
#include <csignal>
#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/document.hpp"
#include "bench/table.hpp"
#include "harness/cli/subcommand.hpp"
#include "harness/device/loan.hpp"

namespace migbench {
namespace {

using nlohmann::json;

struct DeviceOptions {
  device::LoanRequest loan;
  std::string mode = "sriov";
  bool as_json = false;
  std::string facts;
};

json checks_json(const std::vector<device::Check>& checks) {
  json list = json::array();
  for (const device::Check& check : checks) {
    list.push_back({{"check", check.name},
                    {"passed", check.passed},
                    {"found", check.found},
                    {"remedy", check.remedy}});
  }
  return list;
}

std::string cell(const std::vector<device::Check>& checks) {
  std::string failed;
  for (const device::Check& check : checks)
    if (!check.passed) failed += (failed.empty() ? "" : "; ") + check.found;
  return failed.empty() ? "yes" : "no: " + failed;
}

ExitCode show(bool as_json) {
  const device::Kernel kernel;
  json list = json::array();
  Table table({"device", "driver", "link", "names", "passthrough", "sriov"});
  for (const auto& device : device::network_devices(kernel)) {
    const auto whole = preflight(kernel, device, {device::Lending::whole});
    const auto functions = preflight(kernel, device, {device::Lending::functions});
    auto names = device.netdevs;
    names.insert(names.end(), device.infiniband.begin(), device.infiniband.end());
    table.add({to_string(device.address), device.driver,
               fmt::format("{} {}", device.link_layer, device.port_state),
               fmt::format("{}", fmt::join(names, " ")), cell(whole), cell(functions)});
    list.push_back(describe(device));
    list.back()["passthrough"] = checks_json(whole);
    list.back()["sriov"] = checks_json(functions);
  }
  if (as_json) {
    fmt::print("{}\n", json{{"schema", "migbench-devices/1"}, {"devices", list}}.dump(1));
  } else if (list.empty()) {
    fmt::print("no network device is on the PCI bus; `migbench lab` has emulated ones\n");
  } else {
    fmt::print("{}", table.text());
  }
  return ExitCode::ok;
}

/// A signal ends the loan, not the commands that give it back: those of catch_interrupts() would.
sigset_t block_endings() {
  sigset_t endings;
  sigemptyset(&endings);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
    sigaddset(&endings, signal);
  ::pthread_sigmask(SIG_BLOCK, &endings, nullptr);
  return endings;
}

/// Until somebody ends it. The dots are for noticing, by a broken pipe, that whoever asked is gone
/// although nothing told us (a connection that was cut).
ExitCode lend(const DeviceOptions& options) {
  const sigset_t endings = block_endings();
  device::Kernel kernel;
  device::LoanRequest request = options.loan;
  request.lending = options.mode == "sriov" ? device::Lending::functions : device::Lending::whole;
  device::Loan loan(kernel, request);
  if (!options.facts.empty()) write_json(options.facts, loan.facts());
  fmt::print("lent {}\n", loan.facts().dump());
  const timespec two_seconds{2, 0};
  while (std::fflush(stdout) == 0 && ::sigtimedwait(&endings, nullptr, &two_seconds) < 0)
    std::fputs(".\n", stdout);
  const bool all =
      loan.give_back([](const std::string& line) { fmt::print(stderr, "{}\n", line); });
  return all ? ExitCode::ok : ExitCode::failed;
}

class DevicesCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "devices"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Network devices that a virtual machine could be given, and why others not";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench devices\n"
           "  migbench devices lend --mode sriov --pci 0000:3b:00.0 --count 2    # until Ctrl-C";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& /*line*/) const override {
    auto options = std::make_shared<DeviceOptions>();
    app.add_flag("--json", options->as_json, "one JSON document, with every check");
    app.require_subcommand(0, 1);
    auto* lend_app = app.add_subcommand(
        "lend", "Makes VFs, or sets devices aside, until it is ended; then all is as before");
    lend_app->add_option("--mode", options->mode, "VFs of one device, or whole devices")
        ->check(CLI::IsMember({"sriov", "passthrough"}))
        ->capture_default_str();
    lend_app->add_option("--pci", options->loan.wanted, "PCI addresses, or the first that suits")
        ->capture_default_str();
    lend_app->add_option("--count", options->loan.count, "VFs, or devices")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    lend_app->add_option("--eswitch", options->loan.eswitch, "set before VFs are made")
        ->check(CLI::IsMember({"legacy", "switchdev"}));
    lend_app->add_option("--facts", options->facts, "a file for what is printed, too");
    lend_app->add_flag("--trust", options->loan.trust, "VFs may change their MAC");
    lend_app->add_flag("--allow-in-use", options->loan.allow_in_use,
                       "also a device that this machine uses: its network may go");
    return [=] { return lend_app->parsed() ? lend(*options) : show(options->as_json); };
  }
};
MIGBENCH_REGISTER(Subcommand, DevicesCommand);

}  // namespace
}  // namespace migbench
