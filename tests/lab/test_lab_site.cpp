// The site of kind `lab`: its settings, and two hosts whose free cards are one RDMA network.
#include "harness/lab/cables.hpp"
#include "harness/lab/lab_site.hpp"
#include "harness/lab/soft_roce.hpp"
#include "harness/programs.hpp"
#include "tests/catch.hpp"

using namespace migbench;
using nlohmann::json;

TEST_CASE("a lab's settings are read, and each mistake is named") {
  const auto settings = lab::lab_settings({{"kind", "lab"}, {"memory", "3GiB"}, {"vcpus", 2}});
  CHECK(settings.memory.count == 3UL << 30U);
  CHECK(settings.vcpus == 2);
  CHECK_FALSE(settings.joined);
  const auto three = lab::lab_settings({{"kind", "lab"}, {"nodes", 3}, {"joined", true}});
  CHECK(three.nodes == 3);
  CHECK(three.joined);
  CHECK_THROWS_AS(lab::lab_settings({{"kind", "lab"}, {"nodes", 4}}), InputError);
  CHECK_THROWS_AS(lab::lab_settings({{"kind", "lab"}, {"joined", "yes"}}), InputError);
  CHECK_THROWS_AS(lab::lab_settings({{"kind", "lab"}, {"vcpus", 0}}), InputError);
  CHECK_THROWS_AS(lab::lab_settings({{"kind", "lab"}, {"memory", 4}}), InputError);
  CHECK_THROWS_AS(lab::lab_settings({{"kind", "lab"}, {"network", "10.0.0.0/24"}}), InputError);
}

TEST_CASE("two hosts have a cable for each card, three have hubs in the first") {
  const auto host = [](int nodes, bool joined, int node) {
    lab::LabHostOptions options;
    lab::plug_in(options, {.nodes = nodes, .joined = joined}, "/s", node);
    return options;
  };
  const auto first = host(2, false, 0), second = host(2, false, 1);
  CHECK(first.networks[0] == "stream,id={},server=on,addr.type=unix,addr.path=/s/cable-0");
  CHECK(second.networks[1] ==
        "stream,id={},server=off,reconnect-ms=100,addr.type=unix,addr.path=/s/cable-1");
  CHECK(first.extra.empty());

  CHECK(host(3, false, 0).networks ==
        std::vector<std::string>{"hubport,id={},hubid=0", "hubport,id={},hubid=1"});
  CHECK(host(3, false, 0).extra.size() == 16);  // two cables from either hub
  CHECK(host(3, false, 2).extra.size() == 8);
  const auto joined = host(2, true, 1);
  CHECK(joined.networks == std::vector<std::string>(2, "hubport,id={},hubid=0"));
  CHECK(joined.extra ==
        std::vector<std::string>{
            "-netdev",
            "stream,id=up0-1,server=off,reconnect-ms=100,addr.type=unix,addr.path=/s/cable-up0-1",
            "-netdev", "hubport,id=hub-up0-1,hubid=0,netdev=up0-1"});
}

TEST_CASE("an address on the cards' network has the last number of the nodes' network") {
  CHECK(lab::card_address("10.77.0.101") == "10.78.0.101");
}

TEST_CASE("two hosts of the lab measure RDMA over their free cards, and leave them as they were") {
  if (const auto missing = lab::lab_support()) skip_test(missing->reason + ": " + missing->remedy);
  if (look_for_program("migbench-verbs-latency").empty())
    skip_test("the verbs drivers are not built: apt-get install libibverbs-dev librdmacm-dev");
  lab::LabSite site({});
  auto& first = dynamic_cast<lab::LabNode&>(*site.nodes()[0]);
  auto& second = dynamic_cast<lab::LabNode&>(*site.nodes()[1]);
  const std::string before = first.sh("cat /sys/class/net/eth1/flags; ip -4 address show eth1");
  {
    const lab::CardInUse here(first), there(second);
    const std::string driver = find_program("migbench-verbs-latency").string();
    Process server = second.start({{driver, "--wait", "30s"}});
    REQUIRE(server.wait_for_output("listening", std::chrono::seconds(20)));
    const Finished client =
        first.run({{driver, second.address(), "--operation", "send", "--completion", "events",
                    "--sizes", "64", "--iterations", "50", "--json", "-"}},
                  std::chrono::seconds(60));
    INFO(describe(client));
    REQUIRE(client.ok());
    const json document = json::parse(client.out.substr(client.out.find('{')));
    CHECK(document.at("results").at(0).at("validated") == true);
    CHECK(document.at("counters").at("client").at("sent_pkts") >= 50);
    // Over the free card and not the bridged one.
    CHECK(std::stol(first.sh("cat /sys/class/net/eth1/statistics/tx_packets")) >= 50);
  }
  CHECK(first.sh("ls /sys/class/infiniband").empty());
  CHECK(first.sh("cat /sys/class/net/eth1/flags; ip -4 address show eth1") == before);

  // Guests get addresses and names that every node knows.
  const std::string address = site.take_address("i1");
  CHECK(second.sh("awk '$2 == \"i1\" { print $1 }' /etc/hosts") == address + "\n");
  site.give_back_address("i1", address);
  CHECK(second.sh("awk '$2 == \"i1\" { print $1 }' /etc/hosts").empty());
}
