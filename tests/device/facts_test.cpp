// What is read from sysfs, and what is concluded from it.
#include <algorithm>

#include "bench/error.hpp"
#include "harness/device/loan.hpp"
#include "harness/device/preflight.hpp"
#include "harness/device/use.hpp"
#include "tests/catch.hpp"
#include "tests/device/fake_machine.hpp"
#include "tests/kvm/contains.hpp"
#include "tests/run/runs.hpp"

using namespace migbench;
using namespace migbench::device;
using migbench::testing::FakeMachine;
using migbench::testing::TemporaryDirectory;

namespace {

struct Machine {
  TemporaryDirectory directory;
  Machine() { FakeMachine::make(directory.path()); }
  FakeMachine kernel{directory.path()};
  PciDevice at(const char* address) const { return *find_device(kernel, *parse_address(address)); }
};

const Check& named(const std::vector<Check>& checks, const std::string& name) {
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [&](const Check& check) { return check.name == name; });
  REQUIRE(found != checks.end());
  return *found;
}

}  // namespace

TEST_CASE("PCI addresses are read with and without their domain, and nothing else is") {
  CHECK(to_string(address_or_throw("3b:00.1")) == "0000:3b:00.1");
  CHECK(to_string(address_or_throw("0001:3B:1f.7")) == "0001:3b:1f.7");
  for (const char* wrong : {"", "3b:00", "3b:00.8", "3b:20.0", "0000:3b:00.1/..", "auto"})
    CHECK_THROWS_AS(address_or_throw(wrong), InputError);
}

TEST_CASE("a device's facts are read") {
  const Machine machine;
  const PciDevice igb = machine.at("0000:01:00.0");
  CHECK(igb.driver == "igb");
  CHECK(igb.link_layer == "Ethernet");
  CHECK(igb.netdevs == std::vector<std::string>{"eth5"});
  CHECK(igb.firmware == "1.0-fake");
  CHECK(igb.iommu_group == 1);
  REQUIRE(igb.sriov);
  CHECK(igb.sriov->total == 7);
  CHECK_FALSE(igb.numa_node);
  const PciDevice infiniband = machine.at("0000:02:00.0");
  CHECK(infiniband.link_layer == "InfiniBand");
  CHECK(infiniband.port_state == "ACTIVE");
  CHECK(infiniband.firmware == "20.31.1014");
  CHECK(network_devices(machine.kernel).size() == 3);
  CHECK_FALSE(find_device(machine.kernel, {0, 9, 0, 0}));
}

TEST_CASE("an attribute that makes no sense is named") {
  const Machine machine;
  machine.kernel.put("bus/pci/devices/0000:01:00.0/sriov_numvfs", "many");
  CHECK_THROWS_WITH(machine.at("0000:01:00.0"), Contains("sriov_numvfs") && Contains("many"));
}

TEST_CASE("a free device passes every check, whole and split") {
  const Machine machine;
  for (const char* address : {"0000:01:00.0", "0000:02:00.0"}) {
    const PciDevice device = machine.at(address);
    for (const Lending lending : {Lending::whole, Lending::functions}) {
      const auto no = verdict(device, preflight(machine.kernel, device, {lending, 2}));
      INFO((no ? no->reason : ""));
      CHECK_FALSE(no);
    }
  }
}

TEST_CASE("this machine's own network is left alone unless the user says otherwise") {
  const Machine machine;
  const PciDevice own = machine.at("0000:03:00.0");
  const auto uses = uses_of(machine.kernel, own);
  CHECK(uses == std::vector<std::string>{"eth0 has the address 192.0.2.7",
                                         "eth0 carries the default route"});
  const auto checks = preflight(machine.kernel, own, {Lending::whole});
  CHECK_FALSE(named(checks, "use").passed);
  CHECK_THAT(named(checks, "use").remedy, Contains("allow_in_use"));
  CHECK_FALSE(named(checks, "group").passed);
  CHECK_THAT(named(checks, "group").found, Contains("0000:03:00.1 (snd_hda)"));
  CHECK(named(preflight(machine.kernel, own, {Lending::whole, 1, true}), "use").passed);
  CHECK_FALSE(named(preflight(machine.kernel, own, {Lending::functions}), "SR-IOV").passed);
}

TEST_CASE("a bridge's address, a disk, an open device and an ssh session are uses too") {
  const Machine machine;
  const auto& kernel = machine.kernel;
  auto state = kernel.state();
  state["links"]["br7"] = {
      {"addr_info", {{{"local", "192.0.2.9"}, {"prefixlen", 24}, {"scope", "global"}}}}};
  kernel.keep(state);
  kernel.put("class/net/eth5/upper_br7", "");
  kernel.put("class/net/br7/operstate", "up");
  ::setenv("SSH_CONNECTION", "192.0.2.1 5000 192.0.2.9 22", 1);
  CHECK(uses_of(kernel, machine.at("0000:01:00.0")) ==
        std::vector<std::string>{"eth5 is part of br7", "br7 has the address 192.0.2.9",
                                 "br7 carries this ssh session"});
  ::unsetenv("SSH_CONNECTION");

  kernel.put("bus/pci/devices/0000:02:00.0/infiniband_verbs/uverbs0/ibdev", "mlx5_0");
  kernel.open_in_process(4711, "/dev/infiniband/uverbs0");
  CHECK_THAT(uses_of(kernel, machine.at("0000:02:00.0")).at(0), Contains("process 4711"));

  kernel.put("bus/pci/devices/0000:03:00.1/ata1/block/vda1/size", "1");
  std::filesystem::create_directories(kernel.sys() / "class/block");
  std::filesystem::create_symlink("../../devices/0000:03:00.1/ata1/block/vda1",
                                  kernel.sys() / "class/block/vda1");
  CHECK(uses_of(kernel, machine.at("0000:03:00.1")) ==
        std::vector<std::string>{"its disk vda1 is mounted at /"});
}

TEST_CASE("each lack has its reason and its remedy") {
  const Machine machine;
  const auto& kernel = machine.kernel;
  const std::string igb = "bus/pci/devices/0000:01:00.0/";
  kernel.put(igb + "sriov_totalvfs", "1");
  const auto few = preflight(kernel, machine.at("0000:01:00.0"), {Lending::functions, 2});
  CHECK_THAT(named(few, "SR-IOV").found, Contains("1 VFs, 2 are wanted"));
  kernel.put("bus/pci/devices/0000:02:00.0/infiniband/mlx5_0/ports/1/state", "2: INIT");
  const auto waiting = preflight(kernel, machine.at("0000:02:00.0"), {Lending::functions, 2});
  CHECK_THAT(named(waiting, "link").remedy, Contains("opensm"));
  std::filesystem::remove_all(kernel.sys() / "kernel/iommu_groups");
  const auto suitable = suitable_devices(kernel, "auto", 1, {Lending::whole});
  REQUIRE(suitable.missing);
  CHECK_THAT(suitable.missing->reason, Contains("no IOMMU"));
  CHECK_THAT(suitable.missing->remedy, Contains("intel_iommu=on"));
  CHECK_THROWS_AS(suitable_devices(kernel, "0000:55:00.0", 1, {}), InputError);
  CHECK_THROWS_AS(suitable_devices(kernel, "eth5", 1, {}), InputError);
}

TEST_CASE("VFs have addresses of their own") {
  CHECK(mac_of_function("a0:36:9f:12:34:56", 3) == "02:03:9f:12:34:56");
  CHECK(guid_of_function("ec0d:9a03:0044:16a2", 1, 0) == "ee:0d:9a:6d:01:44:16:a2");
  CHECK(guid_of_function("ec0d:9a03:0044:16a2", 1, 1) == "ee:0d:9a:6e:01:44:16:a2");
  CHECK_THROWS_AS(mac_of_function("nonsense", 0), Error);
}
