// What goes wrong in a migration, with real daemons: the outcome says so, and the machine is in one
// place.
#include <migbench_have.hpp>

#if MIGBENCH_HAVE_LIBVIRT

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "harness/guest/files.hpp"
#include "harness/libvirt/hypervisors.hpp"
#include "harness/programs.hpp"
#include "tests/kvm/kvm_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

/// Rewrites memory in the guest until it goes.
Process writer_in(const Instance& machine) {
  (void)machine.run({{"rm", "-f", "/run/ready"}}, 10s);
  Process writer =
      machine.start({{find_program("migbench-memory-writer").string(), "--memory", "64MiB",
                      "--rate", "1GiB", "--duration", "10min", "--ready", "/run/ready"}});
  for (int i = 0; i < 200; ++i) {
    if (machine.run({{"test", "-e", "/run/ready"}}, 10s).ok()) return writer;
    std::this_thread::sleep_for(100ms);
  }
  FAIL("the memory writer did not start");
  return writer;
}

/// The pid of the libvirtd on a node, as the node sees it.
std::string daemon_pid(const Site& site, const Node& node) {
  return guest::read_file(site.scratch() / "libvirt" / node.name() / "run/libvirtd.pid");
}

bool answers(const Instance& machine) {
  return machine.run({{"true"}}, 20s).ok();
}

/// A slow, endless migration, and what is done to it after a while.
MoveResult disturbed_move(Site& site, Instance& machine, const nlohmann::json& parameters,
                          const std::function<void()>& disturb, std::size_t to = 1,
                          const std::string& technique = "kvm-live") {
  const Process writer = writer_in(machine);
  std::thread disturber([&] {
    std::this_thread::sleep_for(1500ms);
    disturb();
  });
  struct Join {
    std::thread& thread;
    ~Join() { thread.join(); }
  } join{disturber};
  return move(site, machine, to, technique, parameters);
}

/// One site and one machine for all that it survives: booting them takes longer than most faults.
struct Survivor {
  std::unique_ptr<Site> site = kvm_site(2);
  std::unique_ptr<Instance> machine = machine_on(*site, 0, "g1", {{"guest_memory", "384MiB"}});

  [[nodiscard]] Node& node(std::size_t index) const { return *site->nodes()[index]; }

  void check_stayed(const MoveResult& result, std::size_t at) const {
    INFO(result.reason << " " << result.facts.dump());
    CHECK_FALSE(result.moved);
    CHECK_FALSE(result.reason.empty());
    CHECK(result.facts.at("source_state") == "running");
    CHECK(result.facts.at("destination_state") != "running");
    CHECK(&machine->node() == &node(at));
    CHECK(answers(*machine));
  }
};

void refuse_cpu_model(Survivor& all) {
  CHECK_THROWS_AS(machine_on(*all.site, 0, "g0", {{"cpu", "no-such-model"}}), Error);
  const MoveResult result =
      move(*all.site, *all.machine, 1, "kvm-live", {{"destination_cpu", "Nehalem"}});
  all.check_stayed(result, 0);
  CHECK_THAT(result.reason, Contains("CPU"));
}

void abort_what_does_not_converge(Survivor& all) {
  const MoveResult result = disturbed_move(
      *all.site, *all.machine,
      {{"link_rate", "100Mbit"}, {"timeout", "2s"}, {"max_downtime", "50ms"}}, [] {});
  all.check_stayed(result, 0);
  CHECK_THAT(result.reason, Contains("aborted after 2"));
  CHECK(result.facts.at("destination_state") == "absent");
  // The link has its rate again.
  CHECK_THAT(said(all.node(0), {"tc", "qdisc", "show", "dev", "eth0"}), !Contains("tbf"));
}

void cut_link_in_precopy(Survivor& all) {
  const MoveResult result =
      disturbed_move(*all.site, *all.machine, {{"link_rate", "100Mbit"}, {"timeout", "30s"}}, [&] {
        (void)all.node(1).run({{"ip", "link", "set", "eth0", "down"}}, 5s);
      });
  all.check_stayed(result, 0);
  (void)all.node(1).run({{"ip", "link", "set", "eth0", "up"}}, 5s);
}

void kill_destination_daemon(Survivor& all) {
  const MoveResult result =
      disturbed_move(*all.site, *all.machine, {{"link_rate", "100Mbit"}, {"timeout", "30s"}}, [&] {
        (void)all.node(1).run({{"kill", "-9", daemon_pid(*all.site, all.node(1))}}, 5s);
      });
  all.check_stayed(result, 0);
  const MoveResult later = move(*all.site, *all.machine, 1, "kvm-suspend");
  INFO(later.reason);
  CHECK(later.moved);
  CHECK(answers(*all.machine));
}

/// What the guest's QEMU has mapped, in bytes: an address space smaller by most of the guest's
/// memory is too small for it.
std::uint64_t mapped_by_qemu(const Node& node) {
  const Finished peak = node.run(
      {{"sh", "-c", "grep -h VmPeak $(grep -l '^qemu' /proc/[0-9]*/comm | sed s/comm/status/)"}},
      5s);
  std::istringstream words(peak.out);
  std::string name;
  std::uint64_t kib = 0;
  words >> name >> kib;
  REQUIRE(kib > 384U << 10U);
  return kib << 10U;
}

void give_destination_little_memory(Survivor& all) {
  const std::string limit =
      fmt::format("--as={}:", mapped_by_qemu(all.node(1)) - (std::uint64_t{352} << 20U));
  // The daemon's children inherit its limits.
  (void)said(all.node(0), {"prlimit", limit, "--pid", daemon_pid(*all.site, all.node(0))});
  const MoveResult result = move(*all.site, *all.machine, 0, "kvm-live");
  all.check_stayed(result, 1);
  CHECK_THAT(result.reason, Contains("memory"));
  const std::string unlimited = "--as=unlimited:";
  (void)said(all.node(0), {"prlimit", unlimited, "--pid", daemon_pid(*all.site, all.node(0))});
}

void crash_guest(Survivor& all) {
  const auto crash = [&] {
    (void)all.machine->run({{"sh", "-c", "echo c > /proc/sysrq-trigger"}}, 2s);
  };
  CHECK_THROWS_WITH(disturbed_move(*all.site, *all.machine,
                                   {{"link_rate", "100Mbit"}, {"timeout", "30s"}}, crash, 0),
                    Contains("lost"));
  all.machine.reset();
  for (const auto& node : all.site->nodes()) {
    const Finished left = node->run({{"sh", "-c", "cat /proc/[0-9]*/comm | grep -c '^qemu'"}}, 5s);
    CHECK(left.out == "0\n");
  }
}

/// Until the machine runs there, in post-copy long before its memory is there.
bool wait_until_running(Site& site, const Instance& machine, const Node& node) {
  const auto domain = machine.facts().at("domain").get<std::string>();
  for (int i = 0; i < 400; ++i) {
    const libvirt::Host* host = libvirt::Hypervisors::of(site)->known(node);
    const auto found = host != nullptr ? host->connection->find(domain) : std::nullopt;
    if (found && found->state() == VIR_DOMAIN_RUNNING) return true;
    std::this_thread::sleep_for(20ms);
  }
  return false;
}

}  // namespace

TEST_CASE("a machine whose migration fails is in one place, whatever went wrong") {
  Survivor all;
  refuse_cpu_model(all);
  abort_what_does_not_converge(all);
  cut_link_in_precopy(all);
  kill_destination_daemon(all);
  give_destination_little_memory(all);
  crash_guest(all);
}

TEST_CASE("the link is cut in post-copy: the machine is lost, which is said, and nothing stays") {
  const auto site = kvm_site(2);
  auto machine = machine_on(*site, 0, "g1");
  const Node& destination = *site->nodes()[1];
  bool cut_in_postcopy = false;
  CHECK_THROWS_WITH(
      disturbed_move(
          *site, *machine, {{"link_rate", "50Mbit"}},
          [&] {
            cut_in_postcopy = wait_until_running(*site, *machine, destination);
            (void)destination.run({{"ip", "link", "set", "eth0", "down"}}, 5s);
          },
          1, "kvm-postcopy"),
      Contains("lost") && Contains("memory is in two places") && Contains("QEMU on n"));
  CHECK(cut_in_postcopy);
  machine.reset();
  for (const auto& node : site->nodes()) {
    const Finished left = node->run({{"sh", "-c", "cat /proc/[0-9]*/comm | grep -c '^qemu'"}}, 5s);
    CHECK(left.out == "0\n");
  }
}

TEST_CASE("a harness that is killed in mid-migration leaves nothing behind") {
  (void)kvm_site(2);
  Process harness = Process::start({{find_program("test_kvm_killed").string()}});
  REQUIRE(harness.wait_for_output("migrating in ", 120s));
  const std::filesystem::path note = fmt::format("/tmp/migbench-killed-{}", harness.pid());
  const std::filesystem::path directory = guest::read_file(note);
  std::filesystem::remove(note);
  REQUIRE(std::filesystem::exists(directory));
  ::kill(harness.pid(), SIGKILL);
  const std::int64_t deadline = deadline_now_ns() + 20'000'000'000;
  while (std::filesystem::exists(directory) && deadline_now_ns() < deadline)
    std::this_thread::sleep_for(50ms);
  CHECK_FALSE(std::filesystem::exists(directory));
  // No process still has the site in its command line: QEMU and libvirtd are gone.
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string line = command_line_of(entry.path());
    INFO(line);
    CHECK(line.find(directory.string()) == std::string::npos);
  }
}

#endif
