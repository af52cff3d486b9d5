// Virtual machines moved between virtual nodes by real daemons.
#include <set>
#include <thread>

#include <fmt/format.h>

#include "harness/programs.hpp"
#include "tests/kvm/kvm_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

std::set<std::string> phase_names(const MoveResult& result) {
  std::set<std::string> names;
  for (const Phase& phase : result.phases)
    names.insert(phase.name);
  return names;
}

/// Moves there and checks all that must be true of any move.
MoveResult check_move(Site& site, Instance& machine, std::size_t to, const std::string& technique,
                      const nlohmann::json& parameters = nlohmann::json::object()) {
  INFO(technique << " " << parameters.dump());
  const MoveResult result = move(site, machine, to, technique, parameters);
  INFO(result.reason << " " << result.facts.dump());
  REQUIRE(result.moved);
  CHECK(&machine.node() == site.nodes()[to].get());
  CHECK(result.done_ns > result.request_ns);
  CHECK(phase_names(result).count("connect") == 1);
  for (const Phase& phase : result.phases) {
    CHECK(phase.start_ns >= result.request_ns);
    CHECK(phase.end_ns >= phase.start_ns);
    CHECK(phase.end_ns <= result.done_ns + 1'000'000'000);
  }
  // The same guest goes on: what a process wrote before is there.
  CHECK(said(machine, {"cat", "/run/before"}) == "kept");
  return result;
}

}  // namespace

TEST_CASE(
    "every technique moves a machine that goes on, in each way to drive it and by each option") {
  const auto site = kvm_site(2);
  const auto machine = machine_on(*site, 0, "g1", {{"guest_memory", "128MiB"}});
  const nlohmann::json facts = machine->facts();
  CHECK_THAT(facts.at("xml").get<std::string>(), Contains("<interface type='bridge'>"));
  CHECK(facts.at("memory_bytes") == 128U << 20U);
  // The last program of an image that only just fits is whole.
  said(*machine, {find_program("migbench-udp-probe").string(), "--help"});
  if (facts.at("accelerator") == "tcg")
    CHECK(machine->labels() == std::vector<std::string>{"emulated: TCG"});
  said(*machine, {"sh", "-c", "echo kept > /run/before"});

  const MoveResult live =
      check_move(*site, *machine, 1, "kvm-live", {{"control", "p2p"}, {"max_downtime", "200ms"}});
  CHECK(phase_names(live) ==
        std::set<std::string>{"connect", "prepare", "copy", "switch-over", "finish"});
  CHECK(live.facts.at("job").at("memory_processed").get<std::uint64_t>() > 10'000'000);
  CHECK(live.facts.contains("hypervisor_downtime_ms"));

  const MoveResult suspend = check_move(*site, *machine, 0, "kvm-suspend", {{"control", "direct"}});
  CHECK(phase_names(suspend).count("paused") == 1);

  const MoveResult postcopy =
      check_move(*site, *machine, 1, "kvm-postcopy", {{"postcopy_after", 1}});
  CHECK_THAT(postcopy.facts.at("note").get<std::string>(), Contains("two places"));

  check_move(*site, *machine, 0, "kvm-live", {{"control", "tunnelled"}});
  const MoveResult cold = check_move(*site, *machine, 1, "kvm-save-restore");
  CHECK(phase_names(cold) == std::set<std::string>{"connect", "save", "restore"});
  CHECK(cold.facts.at("saved_bytes").get<std::uint64_t>() > 1'000'000);

  // Options of pre-copy.
  check_move(*site, *machine, 0, "kvm-live", {{"connections", 2}});
  const MoveResult xbzrle =
      check_move(*site, *machine, 1, "kvm-live",
                 {{"compression", "xbzrle"}, {"xbzrle_cache", "16MiB"}, {"auto_converge", true}});
  CHECK(xbzrle.facts.at("job").at("compression_cache") == 16U << 20U);
  CHECK_THROWS_AS(move(*site, *machine, 1, "kvm-live"), InputError);  // it is there already
  // A daemon that is too old for it refuses before anything is moved (newer_libvirt_test.cpp has
  // one that is not).
  if (facts.at("libvirt").get<std::string>().rfind("9.0.", 0) == 0) {
    CHECK_THROWS_WITH(
        move(*site, *machine, 0, "kvm-live", {{"connections", 2}, {"compression", "zstd"}}),
        Contains("needs libvirt 9.1.0"));
  }
}

TEST_CASE("MPI ranks in two machines give the right result while one is moved") {
  const auto site = kvm_site(3);
  const auto first = machine_on(*site, 0, "g1");
  const auto second = machine_on(*site, 1, "g2");
  MpiJob job;
  job.groups = {{first.get(), 2}, {second.get(), 1}};
  job.program = {
      {find_program("migbench-mpi-iterations").string(), "--duration", "8s", "--json", "-"}};
  Process running = site->head().start(site->mpi_command(job));
  std::this_thread::sleep_for(2s);
  const MoveResult result = move(*site, *second, 2, "kvm-live");
  INFO(result.reason);
  CHECK(result.moved);
  const Finished finished = running.wait(90s);
  INFO(describe(finished));
  CHECK(finished.ok());
}
