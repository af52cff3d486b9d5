// The definition of a virtual machine and the parameters that it is made from.
#include "harness/libvirt/domain_xml.hpp"

#include <string>

#include "bench/error.hpp"
#include "harness/libvirt/link_rate.hpp"
#include "harness/libvirt/settings.hpp"
#include "tests/catch.hpp"
#include "tests/kvm/contains.hpp"

using namespace migbench;
using namespace migbench::libvirt;

namespace {

DomainSettings some_machine() {
  DomainSettings settings;
  settings.name = "g1";
  settings.uuid = "11111111-2222-3333-4444-555555555555";
  settings.memory = Bytes{512UL << 20U};
  settings.vcpus = 2;
  settings.kernel = "/boot/a&b";
  settings.cards = {{"02:6d:0a:4d:00:65", "br0"}};
  return settings;
}

}  // namespace

TEST_CASE("the default template is filled in completely") {
  const std::string xml = domain_xml(some_machine(), default_template());
  CHECK(xml.find('@') == std::string::npos);
  CHECK_THAT(xml, Contains("<domain type='qemu'>") && Contains("<name>g1</name>"));
  CHECK_THAT(xml, Contains("<memory unit='KiB'>524288</memory>") && Contains(">2</vcpu>"));
  CHECK_THAT(xml, Contains("<kernel>/boot/a&amp;b</kernel>") && Contains("<source bridge='br0'/>"));
  CHECK_THAT(xml, Contains("qemu64"));
}

TEST_CASE("KVM, pinning, huge pages, disks and CPU models come out in libvirt's words") {
  DomainSettings settings = some_machine();
  settings.kvm = true;
  settings.pin = {3, 5};
  settings.huge_pages = Bytes{2UL << 20U};
  settings.kernel.clear();
  settings.disk = "/images/x.qcow2";
  std::string xml = domain_xml(settings, default_template());
  CHECK_THAT(xml, Contains("<domain type='kvm'>") && Contains("<cpu mode='host-model'/>"));
  CHECK_THAT(xml, Contains("<vcpupin vcpu='0' cpuset='3'/><vcpupin vcpu='1' cpuset='5'/>"));
  CHECK_THAT(xml, Contains("<page size='2048' unit='KiB'/>"));
  CHECK_THAT(xml, Contains("<source file='/images/x.qcow2'/>") && Contains("<boot dev='hd'/>"));
  settings.cpu = "Skylake-Server";
  CHECK_THAT(domain_xml(settings, default_template()),
             Contains("<model fallback='forbid'>Skylake-Server</model>"));
}

TEST_CASE("a template of the user's own is checked") {
  CHECK(domain_xml(some_machine(), "<domain><name>@NAME@</name></domain>") ==
        "<domain><name>g1</name></domain>");
  CHECK_THROWS_WITH(domain_xml(some_machine(), "@NAME@ @MEMROY@"),
                    Contains("@MEMROY@") && Contains("@MEMORY_KIB@"));
  CHECK_THROWS_AS(domain_xml(some_machine(), "<domain/>"), InputError);
  CHECK_THROWS_AS(domain_xml(some_machine(), "@NAME@ a@b"), InputError);
}

TEST_CASE("another CPU model replaces either form of the element") {
  CHECK(with_cpu_model("<a/><cpu mode='host-model'/><b/>", "X").find("<a/><cpu mode='custom'") ==
        0);
  const std::string xml = with_cpu_model("<a/><cpu mode='custom'><model>Y</model></cpu><b/>", "X");
  CHECK(xml.find(">Y<") == std::string::npos);
  CHECK_THAT(xml, Contains(">X</model></cpu><b/>"));
}

TEST_CASE("parameters of a machine are read, and each mistake is named") {
  const MachineSettings settings = machine_settings({{"guest_memory", "1GiB"},
                                                     {"vcpus", 2},
                                                     {"pin", "0,1"},
                                                     {"huge_pages", "2MiB"},
                                                     {"size", "not ours"}});
  CHECK(settings.memory == Bytes{1UL << 30U});
  CHECK(settings.vcpus == 2);
  CHECK(settings.huge_pages == Bytes{2UL << 20U});
  const auto complains = [](const nlohmann::json& parameters, const char* of) {
    CHECK_THROWS_WITH(machine_settings(parameters), Contains(of));
    CHECK_THROWS_AS(machine_settings(parameters), InputError);
  };
  complains({{"guest_memory", "lots"}}, "guest_memory");
  complains({{"guest_memory", "16MiB"}}, "guest_memory");
  complains({{"vcpus", 0}}, "vcpus");
  complains({{"vcpus", "two"}}, "vcpus");
  complains({{"pin", 0}, {"vcpus", 2}}, "pin");
  complains({{"image", "/x.qcow2"}}, "ssh");
  complains({{"acceleration", "xen"}}, "acceleration");
  complains({{"libvirt", "newest"}}, "scripts/newer_libvirt.sh");
  complains({{"shared_storage", "yes"}}, "shared_storage");
  CHECK(machine_settings({{"libvirt", "system"}}).libvirt.empty());
  CHECK(machine_settings({{"libvirt", "/opt/libvirt"}}).libvirt == "/opt/libvirt");
}

TEST_CASE("of several machines each has its own image, login and address") {
  const nlohmann::json both{{"image", "/a.qcow2,/b.qcow2"},
                            {"guest_address", "10.0.0.1,10.0.0.2"},
                            {"guest_memory", "1GiB"}};
  CHECK(share_of(both, 0, 2).at("image") == "/a.qcow2");
  const nlohmann::json second{
      {"image", "/b.qcow2"}, {"guest_address", "10.0.0.2"}, {"guest_memory", "1GiB"}};
  CHECK(share_of(both, 1, 2) == second);
  CHECK(share_of(second, 0, 1) == second);
  CHECK_THROWS_WITH(share_of(second, 0, 2), Contains("'image'") && Contains("1 of 2"));
  CHECK_THROWS_AS(share_of(both, 0, 3), InputError);
}

TEST_CASE("a link rate is a number and a unit") {
  CHECK_NOTHROW(check_link_rate("1Gbit"));
  CHECK_NOTHROW(check_link_rate("2.5Gbit"));
  CHECK_THROWS_AS(check_link_rate("1Gbps; rm -rf"), InputError);
  CHECK_THROWS_AS(check_link_rate("fast"), InputError);
}
