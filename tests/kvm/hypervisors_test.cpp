// Hypervisors other than QEMU, asked through a daemon that runs.
#include <migbench_have.hpp>

#if MIGBENCH_HAVE_LIBVIRT

#include <filesystem>
#include <string>

#include "harness/libvirt/daemon.hpp"
#include "harness/libvirt/transfer.hpp"
#include "tests/kvm/kvm_fixture.hpp"

using namespace migbench;
using namespace migbench::libvirt;

namespace {

std::string uri_of(const Daemon& daemon, const std::string& driver) {
  const std::string uri = daemon.uri();
  return driver + uri.substr(uri.find("+unix"));
}

}  // namespace

TEST_CASE("LXC by libvirt can be reached, and that it cannot migrate is said before it is tried") {
  if (!std::filesystem::exists("/usr/lib/libvirt/libvirt_lxc"))
    skip_test("libvirt's LXC driver is not installed; scripts/setup.sh packages-test");
  const auto site = kvm_site(2);
  const Daemon daemon(*site->nodes()[0], site->scratch() / "libvirt" / "n1");
  const Connection lxc(uri_of(daemon, "lxc"));
  CHECK_THAT(lxc.hypervisor_version(), Contains("LXC"));
  CHECK_FALSE(lxc.offers_kvm());
  CHECK_THROWS_WITH(check_migratable(lxc), Contains("lxc+unix") && Contains("LXC") &&
                                               Contains("cannot migrate what it runs"));
  // The same daemon's other driver can.
  CHECK_NOTHROW(check_migratable(Connection(daemon.uri())));
  // What it has no driver for, or one without its hypervisor.
  for (const char* driver : {"xen", "vz"}) {
    CHECK_THROWS_WITH(Connection(uri_of(daemon, driver)),
                      Contains("no connection driver") && Contains("that libvirt has no driver") &&
                          Contains(std::string("virsh -c '") + driver + "+unix"));
  }
}

#endif
