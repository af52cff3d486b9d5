// Environments `sriov` and `passthrough` for real, on an emulated host: a device is lent by the
// harness's own code, a guest is booted with it, RDMA goes over it, and the host is afterwards as
// it was.
#include <array>
#include <sstream>

#include "harness/environment/environment.hpp"
#include "harness/lab/lab_site.hpp"
#include "harness/migration/technique.hpp"
#include "harness/programs.hpp"
#include "harness/registry.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using nlohmann::json;

namespace {

constexpr int kMessages = 500;  // more packets than a command in the guest takes

/// What lending changes: VFs, drivers, and the card's interface. Not its queueing discipline, which
/// is made anew ("noop", where it was "mq") when an interface that is down gets its driver back.
std::string state_of(const lab::LabNode& node) {
  return node.sh(
      "cd /sys/class/net/eth1/device && pwd -P && "
      "for f in sriov_numvfs sriov_drivers_autoprobe driver_override; do echo $f $(cat $f); done; "
      "readlink driver; ls /sys/bus/pci/devices /sys/class/infiniband; "
      "ls /sys/bus/pci/drivers/vfio-pci; ip -o link show eth1 | sed 's/^[0-9]*: //; s/ qdisc "
      "[a-z]*//'; "
      "ip -4 -o address show eth1; "
      "find /var/lib/migbench/journal /run/migbench/journal -type f ! -name lock 2>/dev/null; "
      "true");
}

std::string sh(const Place& place, const std::string& script) {
  const Finished finished = place.run({{"sh", "-c", script}}, std::chrono::seconds(30));
  INFO(describe(finished));
  REQUIRE(finished.ok());
  return finished.out;
}

/// Packets that a place's interface with this driver has sent.
long sent(const Place& place, const std::string& driver) {
  const std::string found =
      sh(place, "for d in /sys/class/net/*; do grep -qs DRIVER=" + driver +
                    "$ $d/device/uevent && cat $d/statistics/tx_packets; done; true");
  std::istringstream text(found);
  long packets = -1;
  text >> packets;
  INFO("driver " << driver << ": '" << found << "'");
  REQUIRE(packets >= 0);
  return packets;
}

/// Latency between a guest on the first host and the second host's card.
void measure(const Place& guest, const lab::LabNode& peer, const std::string& driver) {
  const std::string program = find_program("migbench-verbs-latency").string();
  Process server = peer.start({{program, "--wait", "30s"}});
  REQUIRE(server.wait_for_output("listening", std::chrono::seconds(20)));
  const long device_before = sent(guest, driver);
  const long virtio_before = sent(guest, "virtio_net");
  const Finished client =
      guest.run({{program, peer.address(), "--operation", "send", "--completion", "events",
                  "--sizes", "64", "--iterations", std::to_string(kMessages), "--json", "-"}},
                std::chrono::seconds(60));
  INFO(describe(client));
  REQUIRE(client.ok());
  const json document = json::parse(client.out.substr(client.out.find('{')));
  CHECK(document.at("results").at(0).at("validated") == true);
  CHECK(document.at("counters").at("client").at("sent_pkts") >= kMessages);
  CHECK(document.at("counters").at("server").at("rcvd_pkts") >= kMessages);
  // By the device, and not by virtio, over which only the two sides' agreement goes.
  CHECK(sent(guest, driver) - device_before >= kMessages);
  CHECK(sent(guest, "virtio_net") - virtio_before < kMessages);
}

/// A host for guests with devices, or the test is skipped.
const Environment& environment_for(const std::string& name) {
  if (const auto missing = lab::lab_support()) skip_test(missing->reason + ": " + missing->remedy);
  if (look_for_program("migbench-verbs-latency").empty())
    skip_test("the verbs drivers are not built: apt-get install libibverbs-dev librdmacm-dev");
  return Registry<Environment>::instance().at(name, "environment");
}

void try_environment(const std::string& name, const std::string& driver) {
  const Environment& environment = environment_for(name);
  lab::LabSite site({});
  if (const auto missing = environment.check(&site))
    skip_test(missing->reason + ": " + missing->remedy);
  const auto& first = dynamic_cast<lab::LabNode&>(*site.nodes()[0]);
  const auto& second = dynamic_cast<lab::LabNode&>(*site.nodes()[1]);
  const std::string before = state_of(first);
  {
    const lab::CardInUse peer(second);
    const auto guest = environment.bring_up(site, {"i1", site.nodes()[0].get(), json::object()});
    CHECK(guest->facts().at("accelerator") == "kvm");
    CHECK(state_of(first) != before);
    measure(*guest, second, driver);
  }
  CHECK(state_of(first) == before);
}

}  // namespace

TEST_CASE("a guest with a virtual function measures RDMA over it, and the host is as before") {
  try_environment("sriov", "igbvf");
}

TEST_CASE("a guest with a whole card measures RDMA over it, and the host is as before") {
  try_environment("passthrough", "igb");
}

TEST_CASE("a machine with a virtual function is moved, and has one of its new host afterwards") {
  const Environment& environment = environment_for("sriov");
  lab::LabSite site({.joined = true});
  if (const auto missing = environment.check(&site))
    skip_test(missing->reason + ": " + missing->remedy);
  const auto& first = dynamic_cast<lab::LabNode&>(*site.nodes()[0]);
  const auto& second = dynamic_cast<lab::LabNode&>(*site.nodes()[1]);
  const std::array before{state_of(first), state_of(second)};
  {
    const json parameters{{"failover", true}};
    const auto guest = environment.bring_up(site, {"i1", site.nodes()[0].get(), parameters});
    const std::string address = guest->service_address();
    CHECK(address != guest->address());
    Process echo =
        guest->start({{find_program("migbench-udp-echo").string(), "--address", address}});
    REQUIRE(echo.wait_for_output("ready", std::chrono::seconds(20)));
    const auto answers = [&] {
      const Finished probed =
          site.head().run({{find_program("migbench-udp-probe").string(), "--server", address,
                            "--interval", "20ms", "--duration", "1s", "--drain", "2s"}},
                          std::chrono::seconds(20));
      INFO(describe(probed));
      return probed.ok();
    };
    const std::string active =
        "grep DRIVER /sys/class/net/$(cat /sys/class/net/bond0/bonding/active_slave)/device/uevent";
    CHECK(answers());
    const auto& technique = Registry<Technique>::instance().at("kvm-failover", "technique");
    const auto migration = technique.prepare(
        {&site, guest.get(), site.nodes()[1].get(), parameters, std::chrono::seconds(120)});
    const MoveResult moved = migration->move();
    INFO(moved.reason);
    REQUIRE(moved.moved);
    CHECK(&guest->node() == site.nodes()[1].get());
    CHECK(moved.phases.front().name == "unplug");
    CHECK(moved.phases.back().name == "replug");
    CHECK(sh(*guest, active) == "DRIVER=igbvf\n");
    CHECK(answers());
  }
  CHECK(state_of(first) == before[0]);
  CHECK(state_of(second) == before[1]);
}
