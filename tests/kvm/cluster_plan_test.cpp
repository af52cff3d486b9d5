// The plan for a cluster in docs/kvm.md: its cells, what the environment and the technique read of
// them, and the URI that each host is reached by.
#include <migbench_have.hpp>

#if MIGBENCH_HAVE_LIBVIRT

#include <filesystem>

#include "harness/guest/files.hpp"
#include "harness/libvirt/domain_xml.hpp"
#include "harness/libvirt/hypervisors.hpp"
#include "harness/libvirt/migrate_settings.hpp"
#include "harness/libvirt/settings.hpp"
#include "harness/plan/expand.hpp"
#include "harness/plan/plan.hpp"
#include "harness/programs.hpp"
#include "tests/kvm/kvm_fixture.hpp"

using namespace migbench;

namespace {

std::vector<Cell> documented_cells() {
  const auto page = shared_directories("plans").at(0) / "../../docs/kvm.md";
  std::string text = guest::read_file(page);
  text = text.substr(text.find("```jsonc") + 8);
  return expand(read_plan(parse_plan_text(text.substr(0, text.find("```")), "docs/kvm.md")));
}

}  // namespace

TEST_CASE("the documented plan for a cluster says which guest is moved, where and how") {
  const auto cells = documented_cells();
  REQUIRE(cells.size() == 2);
  for (const Cell& cell : cells) {
    INFO(cell.id);
    const libvirt::MachineSettings machine = libvirt::machine_settings(cell.parameters);
    CHECK(machine.image == "/shared/guest.qcow2");
    CHECK(machine.ssh == "root@10.0.0.50");
    CHECK(machine.guest_address == "10.0.0.50");
    CHECK(machine.shared_storage);
    const auto settings = libvirt::migrate_settings(cell.parameters, libvirt::Mode::live);
    const bool zstd = cell.parameters.at("compression") == "zstd";
    CHECK(settings.connections == 4);
    CHECK(settings.compression == (zstd ? "zstd" : ""));

    libvirt::DomainSettings domain;
    domain.name = "g1";
    domain.disk = machine.image.string();
    const std::string xml = domain_xml(domain, libvirt::default_template());
    CHECK_THAT(xml, Contains("<source file='/shared/guest.qcow2'/>"));
    CHECK_THAT(xml, Contains("<boot dev='hd'/>") && !Contains("<kernel>"));
  }
}

TEST_CASE("each host of a cluster is reached by its own URI") {
  const auto site = local_site({{"nodes", 2}});
  const Node& node = *site->nodes().front();
  const auto pattern = libvirt::machine_settings(documented_cells().front().parameters).uri;
  CHECK(libvirt::node_uri(pattern, node) == "qemu+ssh://root@" + node.address() + "/system");
  CHECK(libvirt::node_uri("xen+ssh://{name}/system", node) ==
        "xen+ssh://" + node.name() + "/system");
  CHECK_THROWS_AS(libvirt::node_uri("qemu+ssh://{host}/system", node), InputError);
}

#endif
