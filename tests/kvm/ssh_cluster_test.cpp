// A cluster's way: hypervisors by qemu+ssh, a user's own image on storage that its hosts share, all
// with real sshds and daemons.
#include <migbench_have.hpp>

#if MIGBENCH_HAVE_LIBVIRT

#include <filesystem>
#include <set>

#include <libvirt/libvirt.h>

#include "harness/guest/acceleration.hpp"
#include "tests/kvm/own_image.hpp"
#include "tests/kvm/ssh_cluster.hpp"

using namespace migbench;
using nlohmann::json;

namespace {

constexpr const char* kUri = "qemu+ssh://root@{address}/system";

std::string acceleration() {
  return guest::choose_acceleration().kvm ? "kvm" : "tcg";
}

/// A busy machine makes a downtime doubtful; all else must be good.
const json& check_measured(const json& record) {
  INFO(record.at("reason").get<std::string>());
  INFO(record.at("commands").dump(1));
  const auto outcome = record.at("outcome").get<std::string>();
  CHECK((outcome == "ok" || outcome == "suspect"));
  REQUIRE_FALSE(record.at("migrations").empty());
  for (const json& migration : record.at("migrations")) {
    INFO(migration.at("reason").get<std::string>());
    CHECK(migration.at("moved") == true);
  }
  CHECK_FALSE(record.at("probe").is_null());
  return record;
}

}  // namespace

TEST_CASE("on a cluster machines are driven by qemu+ssh, directly and peer to peer") {
  need_ssh();
  const SshCluster cluster(3);
  const json common{{"uri", kUri}, {"acceleration", acceleration()}};
  json one = common, two = common;
  one.update({{"control", "direct"}, {"guest_address", "10.77.0.60"}, {"guest_memory", "128MiB"}});
  two.update({{"control", "p2p"},
              {"guest_address", "10.77.0.61,10.77.0.62"},
              {"ranks", 2},
              {"duration", "3s"}});
  const auto records = cluster.run({{{"name", "one"},
                                     {"environment", "kvm"},
                                     {"workload", "idle"},
                                     {"technique", "kvm-live"},
                                     {"parameters", one}},
                                    {{"name", "two"},
                                     {"environment", "kvm"},
                                     {"workload", "mpi-iterations"},
                                     {"technique", "kvm-live"},
                                     {"parameters", two}}});
  REQUIRE(records.size() == 2);
  std::set<std::string> controls;
  for (const json& record : records) {
    check_measured(record);
    const json& facts = record.at("migrations").at(0).at("facts");
    controls.insert(facts.at("control").get<std::string>());
    CHECK_THAT(facts.at("destination_uri").get<std::string>(),
               Contains("qemu+ssh://root@10.77.0.1"));
    for (const json& instance : record.at("instances"))
      CHECK_THAT(instance.at("facts").at("uri").get<std::string>(), Contains("qemu+ssh://root@"));
  }
  CHECK(controls == std::set<std::string>{"direct", "p2p"});
}

TEST_CASE("on a cluster a user's own image is moved there and back while it works") {
  need_ssh();
  need_image_tools();
  const SshCluster cluster(2);
  const std::string address = "10.77.0.60";
  const auto image =
      make_own_image(cluster.site().scratch(), {address + "/24",
                                                cluster.key().authorized(),
                                                cluster.key().host_key(),
                                                {"migbench-memory-writer", "migbench-udp-echo"}});
  const json experiment{{"name", "own"},
                        {"environment", "kvm"},
                        {"workload", "memory-writer"},
                        {"technique", "kvm-live"},
                        {"migrations", 2},
                        {"parameters",
                         {{"uri", kUri},
                          {"image", image.string()},
                          {"shared_storage", true},
                          {"ssh", "root@" + address},
                          {"guest_address", address},
                          {"memory", "8MiB"},
                          {"rate", "4MiB"},
                          {"acceleration", acceleration()}}}};
  const auto records = cluster.run(json::array({experiment}));
  REQUIRE(records.size() == 1);
  const json& record = check_measured(records.front());
  REQUIRE(record.at("migrations").size() == 2);
  CHECK(record.at("document").at("result").at("intact") == true);
  const json& facts = record.at("instances").at(0).at("facts");
  CHECK(facts.at("guest") == image.string());
  CHECK_THAT(facts.at("xml").get<std::string>(), Contains("<source file='" + image.string()));
  const auto flags = record.at("migrations").at(0).at("facts").at("flags").get<unsigned>();
  CHECK((flags & VIR_MIGRATE_UNSAFE) != 0);
}

TEST_CASE("on virtual nodes a user's own image is moved, live and cold") {
  need_ssh();
  need_image_tools();
  const auto site = kvm_site(2);
  const SshKey key(*site);
  const std::string address = "10.77.0.60";
  const auto image =
      make_own_image(site->scratch(), {address + "/24", key.authorized(), key.host_key(), {}});
  const auto machine = machine_on(
      *site, 0, "own",
      {{"image", image.string()}, {"ssh", "root@" + address}, {"guest_address", address}});
  CHECK(machine->address() == address);
  said(*machine, {"sh", "-c", "echo kept >/before; sync"});
  const MoveResult live = move(*site, *machine, 1, "kvm-live");
  INFO(live.reason);
  CHECK(live.moved);
  const MoveResult cold = move(*site, *machine, 0, "kvm-save-restore");
  INFO(cold.reason);
  CHECK(cold.moved);
  CHECK(said(*machine, {"cat", "/before"}) == "kept");
  // Files and trees go there and back by ssh, too.
  machine->copy_to(key.authorized(), "/root/a/key");
  machine->copy_from("/root/a", site->scratch() / "back");
  CHECK(std::filesystem::exists(site->scratch() / "back/key"));
}

TEST_CASE("an own image needs to say where it is reached") {
  const auto site = kvm_site(2);
  const json image{{"image", "/x.qcow2"}, {"ssh", "root@10.77.0.60"}};
  CHECK_THROWS_WITH(machine_on(*site, 0, "own", image), Contains("guest_address"));
  json taken = image, elsewhere = image;
  taken["guest_address"] = site->nodes()[1]->address();
  CHECK_THROWS_WITH(machine_on(*site, 0, "own", taken), Contains("has the address"));
  elsewhere["guest_address"] = "192.0.2.1";
  CHECK_THROWS_WITH(machine_on(*site, 0, "own", elsewhere), Contains("not in the site's network"));
}

#endif
