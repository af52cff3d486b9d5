// Real containers on a real local site.
#include "harness/environment/container.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "tests/site/local_fixture.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

Command shell_command(const std::string& script) {
  return {.argv = {"sh", "-c", script}, .env = {}, .directory = {}};
}

std::string said(const Place& place, const std::string& script) {
  const Finished finished = place.run(shell_command(script), 20s);
  INFO(describe(finished));
  REQUIRE(finished.ok());
  std::string text = finished.out;
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

std::unique_ptr<Instance> container(Site& site, std::size_t node, const std::string& name) {
  return Registry<Environment>::instance()
      .at("container", "environment")
      .bring_up(site, {.name = name, .node = site.nodes().at(node).get(), .parameters = {}});
}

}  // namespace

TEST_CASE("a container has a name, an address, files and processes of its own") {
  const auto site = local_site({{"nodes", 2}});
  const auto one = container(*site, 0, "c1");
  const auto two = container(*site, 1, "c2");
  CHECK(said(*one, "hostname") == "c1");
  CHECK(said(*one, "ip -4 -o addr show eth0").find(one->address() + "/24") != std::string::npos);
  CHECK(said(*one, "cat /proc/1/comm") == "container-init");
  for (const Place* place : {static_cast<const Place*>(two.get()), &site->head(),
                             static_cast<const Place*>(site->nodes()[1].get())}) {
    CHECK(said(*place, "getent hosts c1").rfind(one->address(), 0) == 0);
    // A refused connection was answered.
    CHECK(said(*place, "timeout 5 bash -c 'exec 3<>/dev/tcp/c1/9' 2>/dev/null; echo $?") == "1");
  }
  CHECK(said(*one, "touch /usr/x 2>/dev/null; echo $?") == "1");  // the root is read-only
  for (const std::string directory : {"/tmp", "/run", "/dev/shm"}) {
    CHECK(said(*one, "touch " + directory + "/mark && echo made") == "made");
    CHECK(said(*two, "ls " + directory).find("mark") == std::string::npos);
    CHECK(said(*site->nodes()[0], "ls " + directory).find("mark") == std::string::npos);
  }
  said(*one, "echo seen > " + (site->scratch() / "file").string());
  CHECK(std::filesystem::exists(site->scratch() / "file"));
}

TEST_CASE("what runs in a container belongs to its process 1 and holds nothing of the outside") {
  const auto site = local_site({{"nodes", 2}});
  const auto one = container(*site, 0, "c1");
  Process process =
      one->start(shell_command("echo $$; echo go; sleep 1000"), {.input = {}, .grace = 50ms});
  REQUIRE(process.wait_for_output("go", 10s));
  // Every process but the container's first has its parent inside: none has parent 0.
  CHECK(said(*one, "grep -l '^PPid:.0$' /proc/[0-9]*/status") == "/proc/1/status");
  // Its descriptors are files that its own mount namespace knows, not pipes or sockets.
  const std::string open =
      said(*one, "for p in /proc/[0-9]*; do grep -q sleep $p/comm && ls -l $p/fd; done");
  CHECK(open.find("pipe:") == std::string::npos);
  CHECK(open.find("socket:") == std::string::npos);
  CHECK(open.find("/streams/") != std::string::npos);
}

TEST_CASE("output, input, environment and status of a command in a container") {
  const auto site = local_site({{"nodes", 2}});
  const auto one = container(*site, 0, "c1");
  const Finished finished =
      one->run({.argv = {"sh", "-c", "cat; echo $X $PWD; echo oops >&2; exit 9"},
                .env = {{"X", "a b"}},
                .directory = "/usr"},
               20s, {.input = "from here\n"});
  CHECK(finished.status == 9);
  CHECK(finished.out == "from here\na b /usr\n");
  CHECK(finished.err == "oops\n");
  const Finished large = one->run(shell_command("head -c 5000000 /dev/zero; sleep 0.05"), 20s);
  CHECK(large.ok());
  CHECK(large.out.size() == 5'000'000);
  CHECK(one->run({.argv = {"no-such-program"}, .env = {}, .directory = {}}, 20s).status == 127);
  CHECK(std::filesystem::is_empty(as_local(site.get())->directory() / "streams"));
}

TEST_CASE("a command in a container ends with the process that entered") {
  const auto site = local_site({{"nodes", 2}});
  const auto one = container(*site, 0, "c1");
  const auto sleepers = [&] {
    return said(*one, "cat /proc/[0-9]*/comm | grep -c '^sleep$' || true");
  };
  SECTION("at its deadline") {
    CHECK(one->run(shell_command("sleep 1000 & sleep 1000"), 300ms).timed_out);
  }
  SECTION("by SIGKILL") {
    Process process = one->start(shell_command("trap '' TERM; echo go; sleep 1000; sleep 1000"),
                                 {.input = {}, .grace = 1ms});
    REQUIRE(process.wait_for_output("go", 10s));
    process.signal(SIGKILL);
  }
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (sleepers() != "0" && std::chrono::steady_clock::now() < until)
    ::usleep(10'000);
  CHECK(sleepers() == "0");
}

TEST_CASE("files go into a container's private directories and back") {
  const auto site = local_site({{"nodes", 2}});
  const auto one = container(*site, 0, "c1");
  std::ofstream(site->scratch() / "in") << "payload\n";
  one->copy_to(site->scratch() / "in", "/tmp/in");
  CHECK(said(*one, "cat /tmp/in") == "payload");
  said(*one, "echo back > /dev/shm/out");
  one->copy_from("/dev/shm/out", site->scratch() / "out");
  CHECK(std::filesystem::file_size(site->scratch() / "out") == 5);
}

TEST_CASE("a container that goes leaves nothing on its node, and its name is free again") {
  const auto site = local_site({{"nodes", 2}});
  const Node& node = *site->nodes()[0];
  const std::string things = "ls -A /run/containers; ip -o link | wc -l; wc -l < /proc/self/mounts";
  const std::string before = said(node, "mkdir -p /run/containers; " + things);
  std::filesystem::path group;
  {
    const auto one = container(*site, 0, "c1");
    group = dynamic_cast<ContainerInstance&>(*one).shell().cgroup();
    CHECK(said(node, things) != before);
    CHECK_THROWS_AS(container(*site, 1, "c1"), InputError);
  }
  CHECK(said(node, things) == before);
  CHECK_FALSE(std::filesystem::exists(group));
  CHECK(said(node, "ls -A " + (as_local(site.get())->shared() / "containers").string()).empty());
  const auto again = container(*site, 1, "c1");
  CHECK(said(*again, "hostname") == "c1");
}

TEST_CASE("an empty twin has the same address and root, answers nothing, and goes again") {
  const auto site = local_site({{"nodes", 2}});
  auto& destination = dynamic_cast<LocalNode&>(*site->nodes()[1]);
  const auto one = container(*site, 0, "c1");
  auto& instance = dynamic_cast<ContainerInstance&>(*one);
  CHECK_THROWS_AS(instance.prepare_shell(dynamic_cast<LocalNode&>(*site->nodes()[0])), InputError);
  const std::string before = said(destination, "mkdir -p /run/containers; ls -A /run/containers");
  {
    const auto twin = instance.prepare_shell(destination);
    CHECK(twin->init() == 0);
    CHECK(twin->network_inode() != instance.shell().network_inode());
    const std::string address = said(
        destination, "nsenter --net=" + twin->network_path().string() + " ip -o addr show eth0");
    CHECK(address.find(one->address()) != std::string::npos);
    CHECK(said(destination,
               "mountpoint -q " + twin->root().string() + " && ls " + twin->root().string())
              .find("usr") != std::string::npos);
    for (const ExternalMount& mount : twin->externals())
      CHECK(said(destination, "test -e " + mount.outside.string() + " && echo there") == "there");
    CHECK(said(*one, "echo still here") == "still here");
  }
  CHECK(said(destination, "ls -A /run/containers") == before);
}

TEST_CASE("raising a port switches the traffic to it") {
  const auto site = local_site({{"nodes", 2}});
  auto& destination = dynamic_cast<LocalNode&>(*site->nodes()[1]);
  const auto one = container(*site, 0, "c1");
  auto& source = dynamic_cast<ContainerInstance&>(*one).shell();
  const auto twin = dynamic_cast<ContainerInstance&>(*one).prepare_shell(destination);
  // A listener in the twin's network only: a connection from the head tells where it went.
  Process listener = destination.start(
      {.argv = {"nsenter", "--net=" + twin->network_path().string(), "python3", "-u", "-c",
                "import socket; s = socket.create_server(('', 5000)); print('ready')\n"
                "while True: s.accept()[0].close()"},
       .env = {},
       .directory = {}},
      {.input = {}, .grace = 1ms});
  REQUIRE(listener.wait_for_output("ready", 20s));
  const std::string probe =
      "timeout 5 bash -c 'exec 3<>/dev/tcp/" + one->address() + "/5000' 2>/dev/null; echo $?";
  CHECK(said(site->head(), probe) == "1");
  source.set_port(false);
  twin->set_port(true);
  twin->announce();
  CHECK(said(site->head(), probe) == "0");
  twin->set_port(false);
  source.set_port(true);
  source.announce();
  CHECK(said(site->head(), probe) == "1");
}
