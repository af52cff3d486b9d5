// What goes wrong in a migration, with real daemons: the outcome says so, and the machine is in one
// place.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "harness/guest/files.hpp"
#include "harness/programs.hpp"
#include "tests/kvm/kvm_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

/// Rewrites memory in the guest until it goes.
Process writer_in(const Instance& machine) {
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
                          const std::function<void()>& disturb) {
  const Process writer = writer_in(machine);
  std::thread disturber([&] {
    std::this_thread::sleep_for(1500ms);
    disturb();
  });
  struct Join {
    std::thread& thread;
    ~Join() { thread.join(); }
  } join{disturber};
  return move(site, machine, 1, "kvm-live", parameters);
}

}  // namespace

TEST_CASE("a guest that does not converge is left at the source after the timeout") {
  const auto site = kvm_site(2);
  const auto machine = machine_on(*site, 0, "g1");
  const MoveResult result = disturbed_move(
      *site, *machine, {{"link_rate", "100Mbit"}, {"timeout", "3s"}, {"max_downtime", "50ms"}},
      [] {});
  CHECK_FALSE(result.moved);
  CHECK_THAT(result.reason, Contains("aborted after 3"));
  CHECK(result.facts.at("source_state") == "running");
  CHECK(result.facts.at("destination_state") == "absent");
  CHECK(&machine->node() == site->nodes()[0].get());
  CHECK(answers(*machine));
  // The link has its rate again.
  CHECK_THAT(said(*site->nodes()[0], {"tc", "qdisc", "show", "dev", "eth0"}), !Contains("tbf"));
}

TEST_CASE("the destination's daemon dies in pre-copy: the machine stays, and can be moved later") {
  const auto site = kvm_site(2);
  const auto machine = machine_on(*site, 0, "g1");
  const MoveResult result =
      disturbed_move(*site, *machine, {{"link_rate", "100Mbit"}, {"timeout", "30s"}}, [&] {
        (void)site->nodes()[1]->run({{"kill", "-9", daemon_pid(*site, *site->nodes()[1])}}, 5s);
      });
  CHECK_FALSE(result.moved);
  CHECK_FALSE(result.reason.empty());
  CHECK(answers(*machine));
  const MoveResult later = move(*site, *machine, 1, "kvm-suspend");
  INFO(later.reason);
  CHECK(later.moved);
  CHECK(answers(*machine));
}

TEST_CASE("the link is cut in pre-copy: the machine stays") {
  const auto site = kvm_site(2);
  const auto machine = machine_on(*site, 0, "g1");
  const Node& destination = *site->nodes()[1];
  const MoveResult result =
      disturbed_move(*site, *machine, {{"link_rate", "100Mbit"}, {"timeout", "15s"}}, [&] {
        (void)destination.run({{"ip", "link", "set", "eth0", "down"}}, 5s);
      });
  CHECK_FALSE(result.moved);
  CHECK_FALSE(result.reason.empty());
  CHECK(answers(*machine));
}

TEST_CASE("the destination has too little memory: the machine stays") {
  const auto site = kvm_site(2);
  const auto machine = machine_on(*site, 0, "g1", {{"guest_memory", "1GiB"}});
  // The first preparation starts the destination's daemon, whose children inherit its limits.
  CHECK(move(*site, *machine, 1, "kvm-suspend").moved);
  CHECK(move(*site, *machine, 0, "kvm-suspend").moved);
  (void)said(*site->nodes()[1],
             {"prlimit", "--as=900000000", "--pid", daemon_pid(*site, *site->nodes()[1])});
  const MoveResult result = move(*site, *machine, 1, "kvm-live");
  CHECK_FALSE(result.moved);
  INFO(result.reason);
  CHECK_FALSE(result.reason.empty());
  CHECK(answers(*machine));
}

TEST_CASE("a CPU model that does not fit is refused, at the start and by a destination") {
  const auto site = kvm_site(2);
  CHECK_THROWS_AS(machine_on(*site, 0, "g0", {{"cpu", "no-such-model"}}), Error);
  const auto machine = machine_on(*site, 0, "g1");
  const MoveResult result = move(*site, *machine, 1, "kvm-live", {{"destination_cpu", "Nehalem"}});
  CHECK_FALSE(result.moved);
  CHECK_THAT(result.reason, Contains("CPU"));
  CHECK(answers(*machine));
}

TEST_CASE("a guest that crashes in its migration is reported as lost, and nothing stays") {
  const auto site = kvm_site(2);
  auto machine = machine_on(*site, 0, "g1");
  CHECK_THROWS_WITH(
      disturbed_move(*site, *machine, {{"link_rate", "100Mbit"}, {"timeout", "30s"}},
                     [&] {
                       (void)machine->run({{"sh", "-c", "echo c > /proc/sysrq-trigger"}}, 2s);
                     }),
      Contains("lost"));
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
    std::ifstream file(entry.path() / "cmdline");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    INFO(line);
    CHECK(line.find(directory.string()) == std::string::npos);
  }
}
