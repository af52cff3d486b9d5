// The lab's host is a machine on which devices can be passed through: IOMMU groups, virtual
// functions with groups of their own, a KVM that runs guests, soft-RoCE on the card.
#include <set>
#include <sstream>

#include "harness/lab/lab_host.hpp"
#include "harness/programs.hpp"
#include "tests/catch.hpp"

using namespace migbench;

namespace {

class Host {
 public:
  explicit Host(const lab::LabHostOptions& options) : guest_(lab::boot_lab_host(options)) {}

  std::string sh(const std::string& script) const {
    const Finished finished = guest_->run({{"sh", "-c", script}}, std::chrono::seconds(60));
    INFO(describe(finished));
    CHECK(finished.ok());
    return finished.out;
  }

 private:
  std::unique_ptr<guest::QemuGuest> guest_;
};

std::set<std::string> lines(const std::string& text) {
  std::set<std::string> all;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    all.insert(line);
  return all;
}

void needs_lab() {
  if (const auto missing = lab::lab_support()) skip_test(missing->reason + ": " + missing->remedy);
}

}  // namespace

TEST_CASE("the lab's host has cards with virtual functions in IOMMU groups of their own, and KVM") {
  needs_lab();
  const Host host({});
  CHECK(host.sh("test -c /dev/kvm && test -c /dev/vfio/vfio && echo both") == "both\n");

  const std::string card = "/sys/class/net/eth1/device";
  CHECK(host.sh("basename $(readlink " + card + "/driver)") == "igb\n");
  host.sh("echo 2 >" + card + "/sriov_numvfs");
  const auto groups = lines(host.sh("for f in " + card + " " + card + "/virtfn0 " + card +
                                    "/virtfn1; do basename $(readlink $f/iommu_group); done"));
  CHECK(groups.size() == 3);

  host.sh("rdma link add rxe0 type rxe netdev eth1");
  // The card's link comes up after its negotiation, and the port with it.
  CHECK(
      host.sh("for n in $(seq 200); do grep -q ACTIVE /sys/class/infiniband/rxe0/ports/1/state && "
              "break; sleep 0.1; done; cat /sys/class/infiniband/rxe0/ports/1/state") ==
      "4: ACTIVE\n");

  // It is this machine's file system, and no change of it gets out.
  const std::string here = find_program("migbench-guest-exec").string();
  CHECK(host.sh(here + " --version").find("migbench-guest-exec") == 0);
  host.sh("echo changed >/etc/migbench-lab-test");
  CHECK(host.sh("cat /etc/migbench-lab-test") == "changed\n");
  CHECK_FALSE(std::filesystem::exists("/etc/migbench-lab-test"));
}
