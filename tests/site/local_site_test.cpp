// A real local site: virtual nodes on this machine.
#include "harness/site/local/local_site.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "bench/clock.hpp"
#include "harness/registry.hpp"
#include "harness/site/nodes/netlink.hpp"
#include "tests/site/local_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

std::string said(const Place& place, std::vector<std::string> argv) {
  const Finished finished = place.run({.argv = std::move(argv), .env = {}, .directory = {}}, 20s);
  INFO(describe(finished));
  REQUIRE(finished.ok());
  std::string text = finished.out;
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("nodes have names, addresses and process trees of their own") {
  const auto site = local_site({{"nodes", 3}});
  REQUIRE(site->nodes().size() == 3);
  REQUIRE(said(site->head(), {"hostname"}) == "head");
  for (const auto& node : site->nodes()) {
    CHECK(said(*node, {"hostname"}) == node->name());
    CHECK(said(*node, {"cat", "/proc/1/comm"}) == "migbench-init");
    CHECK(said(*node, {"cat", "/etc/hostname"}) == node->name());
    const std::string addresses = said(*node, {"ip", "-4", "-o", "addr", "show", "eth0"});
    CHECK(addresses.find(node->address() + "/24") != std::string::npos);
    CHECK(said(*node, {"sh", "-c", "ls /proc | grep -c '^[0-9]'"}) <= "5");
    for (const auto& other : site->nodes())
      CHECK(said(*node, {"getent", "hosts", other->name()}).rfind(other->address(), 0) == 0);
  }
  const std::string retry =
      said(*site->nodes()[0], {"cat", "/proc/sys/net/ipv4/neigh/eth0/retrans_time_ms"});
  CHECK(std::stoi(retry) <= 20);  // 10, rounded up to whole ticks of the kernel
  CHECK(said(*site->nodes()[0], {"cat", "/proc/sys/net/ipv4/tcp_thin_linear_timeouts"}) == "1");
}

TEST_CASE("a node's address leads to the node's own link and not to its containers' bridge") {
  const auto site = local_site({{"nodes", 2}});
  const std::string address = site->nodes()[1]->address();
  // Both links of the node hear the question; which of two answers comes first is a matter of luck.
  const std::string script = "for i in 1 2 3 4 5 6 7 8 9 10; do ip neigh flush to " + address +
                             "; timeout 5 bash -c 'exec 3<>/dev/tcp/" + address +
                             "/9' 2>/dev/null; ip neigh show " + address + "; done";
  for (const Place* asking : {&site->head(), static_cast<const Place*>(site->nodes()[0].get())}) {
    std::istringstream answers(said(*asking, {"sh", "-c", script}));
    int known = 0;
    for (std::string line; std::getline(answers, line); ++known)
      CHECK(line.find(mac_of(address)) != std::string::npos);
    CHECK(known == 10);
  }
}

TEST_CASE("nodes reach each other over the switch, and no one else") {
  const auto site = local_site({{"nodes", 2}});
  // A connection that is refused has been answered; one that is not answered times out.
  const std::string script =
      "exec 3<>/dev/tcp/" + site->nodes()[1]->address() + "/9 2>/dev/null; echo $?";
  CHECK(said(*site->nodes()[0], {"timeout", "5", "bash", "-c", script}) == "1");
  CHECK(said(site->head(), {"timeout", "5", "bash", "-c", script}) == "1");
  CHECK(said(*site->nodes()[0], {"ip", "route", "show", "default"}).empty());
}

TEST_CASE("a command gets its environment, directory, input, and its status comes back") {
  const auto site = local_site({{"nodes", 2}});
  const Node& node = *site->nodes()[1];
  const Finished finished =
      node.run({.argv = {"sh", "-c", "echo $X $PWD; cat; echo oops >&2; exit 7"},
                .env = {{"X", "a b"}},
                .directory = "/usr"},
               20s, {.input = "from here"});
  CHECK(finished.status == 7);
  CHECK(finished.out == "a b /usr\nfrom here");
  CHECK(finished.err == "oops\n");
  const Finished missing = node.run({.argv = {"no-such-program"}, .env = {}, .directory = {}}, 20s);
  CHECK(missing.status != 0);
  CHECK(missing.err.find("no-such-program") != std::string::npos);
  CHECK(node.run({.argv = {"true"}, .env = {}, .directory = "/nowhere"}, 20s).status != 0);
  CHECK(node.run({.argv = {"sh", "-c", "kill -9 $$"}, .env = {}, .directory = {}}, 20s).status ==
        128 + 9);
}

TEST_CASE("killing the command that entered a node ends what it started there") {
  const auto site = local_site({{"nodes", 2}});
  const Node& node = *site->nodes()[0];
  const auto count = [&] {
    return said(node, {"sh", "-c", "cat /proc/[0-9]*/comm | grep -c '^sleep$' || true"});
  };
  SECTION("by its deadline") {
    const Finished finished = node.run(
        {.argv = {"sh", "-c", "sleep 1000 & sleep 1000"}, .env = {}, .directory = {}}, 300ms);
    CHECK(finished.timed_out);
  }
  SECTION("by SIGKILL, whatever process groups it made") {
    Process process = node.start(
        {.argv = {"bash", "-mc", "sleep 1000 & trap '' TERM; echo go; sleep 1000; sleep 1000"},
         .env = {},
         .directory = {}},
        {.input = {}, .grace = 1ms});
    REQUIRE(process.wait_for_output("go", 10s));
    CHECK(count() != "0");
    process.signal(SIGKILL);
  }
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (count() != "0" && std::chrono::steady_clock::now() < until)
    ::usleep(10'000);
  CHECK(count() == "0");
}

TEST_CASE("orphans are reaped at once") {
  const auto site = local_site({{"nodes", 2}});
  const std::string orphans =
      "for i in 1 2 3 4 5; do (setsid -f true &); done; sleep 0.3; "
      "cat /proc/[0-9]*/stat 2>/dev/null | grep -c ' Z ' || true";
  CHECK(said(*site->nodes()[0], {"sh", "-c", orphans}) == "0");
}

TEST_CASE("temporary directories are a node's own, scratch and shared are the site's") {
  const auto site = local_site({{"nodes", 2}});
  const Node& one = *site->nodes()[0];
  const Node& two = *site->nodes()[1];
  for (const std::string directory : {"/tmp", "/run", "/dev/shm"}) {
    said(one, {"touch", directory + "/migbench-mark"});
    CHECK(said(two, {"sh", "-c", "ls " + directory}).find("migbench-mark") == std::string::npos);
    CHECK(!std::filesystem::exists(directory + "/migbench-mark"));
  }
  for (const auto& directory : {site->scratch(), as_local(site.get())->shared()}) {
    said(one, {"sh", "-c", "echo seen > " + (directory / "mark").string()});
    CHECK(said(two, {"cat", (directory / "mark").string()}) == "seen");
  }
  CHECK(std::filesystem::exists(site->scratch() / "mark"));
}

TEST_CASE("files are copied into a node's private directories and back") {
  const auto site = local_site({{"nodes", 2}});
  const auto here = site->scratch() / "tree";
  std::filesystem::create_directories(here / "sub");
  std::ofstream(here / "sub/file") << "payload";
  const Node& node = *site->nodes()[0];
  node.copy_to(here, "/tmp/tree");
  CHECK(said(node, {"cat", "/tmp/tree/sub/file"}) == "payload");
  node.copy_from("/tmp/tree", site->scratch() / "back");
  std::ifstream back(site->scratch() / "back/sub/file");
  std::string text;
  back >> text;
  CHECK(text == "payload");
  node.copy_to(here, here);  // the same file already: nothing happens
  CHECK_THROWS_AS(node.copy_from("/tmp/none", here), Error);
}

TEST_CASE("further places get an address under a name that every node knows") {
  const auto site = local_site({{"nodes", 2}});
  auto& local = dynamic_cast<LocalSite&>(*site);
  const std::string address = local.take_address("guest-1");
  CHECK(said(*site->nodes()[1], {"getent", "hosts", "guest-1"}).rfind(address, 0) == 0);
  const std::string other = local.take_address("guest-2");
  CHECK(other != address);
  CHECK_THROWS_AS(local.take_address("guest-1"), InputError);
  local.give_back_address("guest-1", address);
  const Finished gone =
      site->head().run({.argv = {"getent", "hosts", "guest-1"}, .env = {}, .directory = {}}, 20s);
  CHECK(!gone.ok());
  CHECK(said(site->head(), {"getent", "hosts", "guest-2"}).rfind(other, 0) == 0);
  CHECK_THROWS_AS(local.take_address("n1"), InputError);
  CHECK_THROWS_AS(local.take_address("../x"), InputError);
}

TEST_CASE("what a local site cannot be is refused with the setting's name") {
  const auto& kind = Registry<SiteKind>::instance().at("local", "site");
  for (const nlohmann::json& settings :
       {nlohmann::json{{"nodes", 1}}, nlohmann::json{{"nodes", 17}}, nlohmann::json{{"nodes", "3"}},
        nlohmann::json{{"network", "10.77.0.0/16"}}, nlohmann::json{{"network", 7}},
        nlohmann::json{{"visible", {"/no/such/directory"}}}, nlohmann::json{{"node", 3}},
        nlohmann::json::array()}) {
    INFO(settings.dump());
    CHECK_THROWS_AS(kind.bring_up(settings), InputError);
  }
}

TEST_CASE("sixteen nodes stand, on a network of the user's choice") {
  const auto site = local_site({{"nodes", 16}, {"network", "192.168.250.0/24"}});
  CHECK(site->nodes().back()->address() == "192.168.250.26");
  CHECK(said(*site->nodes().back(), {"hostname"}) == "n16");
}
