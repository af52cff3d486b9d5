// A device of the host in a virtual machine: what libvirt is told and what the guest gets.
#include "harness/libvirt/hostdev.hpp"

#include "harness/environment/environment.hpp"
#include "harness/environment/own_devices.hpp"
#include "harness/libvirt/lender.hpp"
#include "harness/registry.hpp"
#include "harness/workload/workload.hpp"
#include "tests/catch.hpp"
#include "tests/kvm/contains.hpp"

using namespace migbench;
using namespace migbench::libvirt;
using Names = std::vector<std::string>;

TEST_CASE("a lent device is understood, and what lacks something is refused") {
  const nlohmann::json whole{
      {"address", "0000:01:00.0"}, {"driver", "igb"}, {"mac", "m"}, {"link_layer", "Ethernet"}};
  CHECK_FALSE(host_device(whole, nullptr).is_function);
  const HostDevice vf = host_device({{"address", "0000:01:10.2"},
                                     {"driver", ""},
                                     {"mac", "02:01:00:00:00:01"},
                                     {"link_layer", "Ethernet"}},
                                    whole);
  CHECK(vf.is_function);
  CHECK(vf.driver == "igb");
  CHECK_THROWS_AS(host_device({{"address", "0000:01:00.0"}}, nullptr), Error);
}

TEST_CASE("libvirt is told of a device by its address, and to give it back") {
  const HostDevice vf{"0000:01:10.2", "igb", "02:01:00:00:00:01", "Ethernet", true};
  const std::string xml = hostdev_xml(vf, Attach::hostdev);
  CHECK_THAT(xml, Contains("managed='yes'") &&
                      Contains("domain='0x0000' bus='0x01' slot='0x10' function='0x2'"));
  CHECK_THAT(hostdev_xml(vf, Attach::interface),
             Contains("<interface type='hostdev' managed='yes'>") &&
                 Contains("<mac address='02:01:00:00:00:01'/>") && Contains("type='pci'"));
  CHECK_THAT(stand_in_xml(vf, "br0"), Contains("<mac address='02:01:00:00:00:01'/>") &&
                                          Contains("<source bridge='br0'/>") && Contains("virtio"));
}

TEST_CASE(
    "the destination's device takes the place of the source's, and the guest sees it as before") {
  const std::string same = "domain='0x0000' bus='0x01' slot='0x10' function='0x2'";
  const std::string xml = "<a><address type='pci' " + same + "/></a><hostdev><source><address " +
                          same + "/></source></hostdev>";
  CHECK(with_other_device(xml, "0000:01:10.2", "0000:3b:01.0") ==
        "<a><address type='pci' " + same +
            "/></a><hostdev><source><address domain='0x0000' bus='0x3b' slot='0x01' "
            "function='0x0'/></source></hostdev>");
  CHECK_THROWS_AS(with_other_device(xml, "0000:01:10.3", "0000:3b:01.0"), Error);
}

TEST_CASE("a guest gets the drivers of its device, and soft-RoCE where it has no RDMA of its own") {
  const auto modules = [](const char* driver, const char* layer, bool function) {
    return guest_modules({"0000:01:10.2", driver, "", layer, function});
  };
  CHECK(modules("igb", "Ethernet", true) == Names{"igbvf", "rdma_rxe"});
  CHECK(modules("igb", "Ethernet", false) == Names{"igb", "rdma_rxe"});
  CHECK(modules("ice", "Ethernet", true) == Names{"iavf", "irdma"});
  CHECK(modules("mlx5_core", "InfiniBand", true) == Names{"mlx5_core", "mlx5_ib", "ib_ipoib"});
}

TEST_CASE("parameters of a loan are read, and each mistake is named") {
  const LendSettings settings = lend_settings(
      {{"pci", "3b:00.0,3b:00.1"}, {"vfs", 3}, {"guest_modules", "a,b"}, {"size", "not ours"}},
      "sriov");
  CHECK(settings.functions == 3);
  CHECK(settings.modules == Names{"a", "b"});
  CHECK_FALSE(settings.allow_in_use);
  for (const nlohmann::json& wrong : {nlohmann::json{{"pci", "eth0"}},
                                      {{"vfs", 0}},
                                      {{"allow_in_use", "yes"}},
                                      {{"device_network", "10.78"}},
                                      {{"eswitch", "fast"}}}) {
    INFO(wrong.dump());
    CHECK_THROWS_WITH(lend_settings(wrong, "sriov"), Contains(wrong.begin().key()));
    CHECK_THROWS_AS(lend_settings(wrong, "sriov"), InputError);
  }
}

TEST_CASE("a workload's need of RDMA is met by an environment that brings it") {
  const auto* sriov = &Registry<Environment>::instance().at("sriov", "environment");
  const auto* kvm = &Registry<Environment>::instance().at("kvm", "environment");
  CHECK(dynamic_cast<const OwnDevices*>(sriov)->has_rdma({}));
  CHECK_FALSE(dynamic_cast<const OwnDevices*>(kvm)->has_rdma({}));
  CHECK(dynamic_cast<const OwnDevices*>(kvm)->has_rdma({{"soft_roce", true}}));
  const auto* verbs = &Registry<Workload>::instance().at("verbs-latency", "workload");
  CHECK(dynamic_cast<const NeedsRdma*>(verbs) != nullptr);
}
