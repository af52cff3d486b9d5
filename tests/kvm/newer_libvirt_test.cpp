// Virtual nodes with another libvirt than the system's: what only a newer one can do.
#include <migbench_have.hpp>

#if MIGBENCH_HAVE_LIBVIRT

#include <libvirt/libvirt.h>

#include "harness/libvirt/daemon.hpp"
#include "harness/libvirt/hypervisors.hpp"
#include "tests/kvm/kvm_fixture.hpp"

using namespace migbench;

namespace {

const nlohmann::json kNewer{{"libvirt", "newer"}, {"guest_memory", "128MiB"}};

/// Or the test is skipped.
void need_newer() {
  try {
    (void)libvirt::libvirt_prefix("newer");
  } catch (const Error& missing) {
    skip_test(missing.what());
  }
}

}  // namespace

TEST_CASE("with a newer libvirt parallel connections compress by zlib and zstd") {
  need_newer();
  const auto site = kvm_site(2);
  const auto machine = machine_on(*site, 0, "g1", kNewer);
  const nlohmann::json facts = machine->facts();
  CHECK(std::stoi(facts.at("libvirt").get<std::string>()) >= 10);
  CHECK_THAT(facts.at("xml").get<std::string>(), Contains("libvirt/bin/qemu-system-x86_64"));
  said(*machine, {"sh", "-c", "echo kept > /run/before"});
  const auto moved = [&](std::size_t to, nlohmann::json parameters) {
    parameters["connections"] = 2;
    const MoveResult result = move(*site, *machine, to, "kvm-live", parameters);
    INFO(result.reason << " " << result.facts.dump());
    REQUIRE(result.moved);
    CHECK(result.facts.at("libvirt") == facts.at("libvirt"));
    CHECK(result.facts.at("parallel").at("connections") == 2);
    CHECK(result.facts.at("parallel").at("compression") == parameters.value("compression", "none"));
    const bool told = (result.facts.at("flags").get<unsigned>() & VIR_MIGRATE_COMPRESSED) != 0;
    CHECK(told == parameters.contains("compression"));
    return result.facts.at("parallel").at("sent_per_byte").get<double>();
  };
  // A guest's programs and the kernel: to a quarter.
  CHECK(moved(1, nlohmann::json::object()) > 0.9);
  CHECK(moved(0, {{"compression", "zlib"}}) < 0.6);
  CHECK(moved(1, {{"compression", "zstd"}}) < 0.6);
  CHECK(said(*machine, {"cat", "/run/before"}) == "kept");
}

TEST_CASE("the machines of a node have one libvirt, and it is where the plan says") {
  need_newer();
  const auto site = kvm_site(2);
  CHECK_THROWS_WITH(machine_on(*site, 0, "g0", {{"libvirt", "/nowhere"}}),
                    Contains("/nowhere") && Contains("scripts/newer_libvirt.sh"));
  const auto hypervisors = libvirt::Hypervisors::of(*site);
  Node& node = *site->nodes()[0];
  (void)hypervisors->at(node, "", "newer");
  CHECK_NOTHROW(hypervisors->at(node, "", "newer"));
  CHECK_THROWS_WITH(hypervisors->at(node, ""), Contains("'libvirt'") && Contains(node.name()));
}

#endif
