// What goes wrong is said clearly, on the side where it went wrong and on the other, and in time.
#include <csignal>
#include <thread>

#include "harness/guest/console.hpp"
#include "tests/verbs/pair.hpp"

using namespace migbench;
using namespace std::chrono_literals;

namespace {

bool says(const Finished& finished, const std::string& text) {
  return finished.err.find(text) != std::string::npos;
}

/// Runs until it is stopped: for faults in mid-run.
const Words kLong{kRoceAddress,  "--sizes", "64",         "--budget", "60s",
                  "--precision", "0",       "--deadline", "2s"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

void signal_server(const Place& guest, const char* signal) {
  (void)guest.run(
      {{"sh", "-c", std::string("kill -") + signal + " $(cat /run/verbs-server)"}, {}, {}}, 20s);
}

/// A client in mid-run, whose server then gets this signal.
Finished client_of_lost_server(const Place& guest, const std::string& which, const Words& options,
                               const char* signal) {
  Process server = start_server(guest, which);
  Process client = guest.start(driver(which, with(kLong, options)));
  REQUIRE(server.wait_for_output("client", 20s));
  std::this_thread::sleep_for(1s);
  signal_server(guest, signal);
  Finished finished = client.wait(20s);
  signal_server(guest, "KILL");
  (void)server.wait(10s);
  return finished;
}

/// A server in mid-run, whose client is then killed.
Finished server_of_dead_client(const Place& guest, const Words& options) {
  Process server = start_server(guest, "latency");
  Command client = driver("latency", with(kLong, options));
  const Words shell{"sh", "-c", "echo $$ > /run/verbs-client; exec \"$@\"", "sh"};
  client.argv.insert(client.argv.begin(), shell.begin(), shell.end());
  Process measuring = guest.start(client);
  REQUIRE(server.wait_for_output("client", 20s));
  std::this_thread::sleep_for(1s);
  (void)ask(guest, {"sh", "-c", "kill -KILL $(cat /run/verbs-client)"}, 20s);
  Finished left = server.wait(20s);
  (void)measuring.wait(10s);
  return left;
}

}  // namespace

TEST_CASE("a server that dies or stops in mid-run is an error of the client within its deadline") {
  const auto guest = guest_or_skip();
  const std::vector<std::pair<std::string, Words>> cases{
      {"latency", {}},
      {"latency", {"--operation", "send", "--completion", "events"}},
      {"bandwidth", {"--operation", "send"}},
      {"bandwidth", {"--connection", "cm"}}};
  for (const auto& [which, options] : cases) {
    CAPTURE(which, options);
    const Finished dead = client_of_lost_server(*guest, which, options, "KILL");
    INFO(describe(dead));
    CHECK_FALSE(dead.timed_out);
    CHECK(dead.status == 1);
    // Whichever comes first: its connection closes, its queue pairs go, or it is slow to die.
    CHECK((says(dead, "the peer has ended") || says(dead, "the peer is gone") ||
           says(dead, "torn down") || says(dead, "nothing arrived for 2 s")));
  }
  // Stopped, it keeps its connections: only the deadline tells.
  const Finished stopped = client_of_lost_server(*guest, "latency", {}, "STOP");
  INFO(describe(stopped));
  CHECK_FALSE(stopped.timed_out);
  CHECK(stopped.status == 1);
  CHECK(says(stopped, "--deadline"));
}

TEST_CASE("a client that dies in mid-run ends its server") {
  auto guest = guest_or_skip();
  for (const Words& options :
       {Words{}, Words{"--operation", "send", "--completion", "events"},
        Words{"--operation", "write-imm", "--completion", "events", "--transport", "uc"}}) {
    CAPTURE(options);
    Finished left = server_of_dead_client(*guest, options);
    if (!ask(*guest, {"true"}).ok()) {
      // A guest that stands still as a whole says nothing about the drivers: one more, and no
      // third.
      WARN("the guest stands still; " << guest::explain_console(guest->console()));
      guest = guest_or_skip();
      left = server_of_dead_client(*guest, options);
    }
    INFO(describe(left));
    INFO(guest::explain_console(guest->console()));
    CHECK_FALSE(left.timed_out);
    CHECK(left.status == 1);
    CHECK((says(left, "the peer has ended") || says(left, "the peer is gone") ||
           says(left, "torn down")));
  }
}

TEST_CASE("what cannot be had is named, with what to do about it") {
  const auto guest = guest_or_skip();
  {
    const PairResult wrong = run_pair(*guest, "latency", {"--gid-index", "77"});
    CHECK(wrong.client.status == 2);
    CHECK(says(wrong.client, "--gid-index 77"));
    CHECK(says(wrong.client, "10.0.2.15"));  // the GIDs that there are
    CHECK(wrong.server.status == 1);
    CHECK(says(wrong.server, "the peer failed: --gid-index 77"));
  }
  {
    // Soft-RoCE has the second version only.
    const PairResult old = run_pair(*guest, "latency", {"--roce", "v1"});
    CHECK(old.client.status == 2);
    CHECK(says(old.client, "--roce v1: port 1 of rxe0 has no such GID; it has: 0 (RoCE v2"));
    const PairResult port = run_pair(*guest, "latency", {"--ib-port", "2"});
    CHECK(port.client.status == 2);
    CHECK(says(port.client, "--ib-port 2: rxe0 has 1 port(s)"));
    const PairResult pages = run_pair(*guest, "latency", {"--huge-pages", "2MiB"});
    CHECK(pages.client.status == 1);
    CHECK(says(pages.client, "hugepages-2048kB/nr_hugepages"));
  }
  {
    const PairResult wrong = run_pair(*guest, "latency", {}, {"--device", "mlx5_7"});
    CHECK(wrong.server.status == 2);
    CHECK(says(wrong.server, "--device mlx5_7"));
    CHECK(says(wrong.server, "there are: rxe0"));
    CHECK(wrong.client.status == 1);
    CHECK(says(wrong.client, "the peer failed: --device mlx5_7"));
  }
  {
    const PairResult large = run_pair(
        *guest, "latency", {"--operation", "send", "--transport", "ud", "--sizes", "64KiB"});
    CHECK(large.client.status == 2);
    CHECK(says(large.client, "fits one packet"));
  }
  {
    const PairResult mtu = run_pair(*guest, "latency", {"--mtu", "4096"});
    CHECK(mtu.client.status == 2);
    CHECK(says(mtu.client, "--mtu 4096"));
  }
  {
    // Without root's right to lock what it wants, 64 KiB are not enough for 8 MiB.
    Command poor = driver("latency", {kRoceAddress, "--sizes", "8MiB"});
    const Words rights{"prlimit",       "--memlock=65536", "setpriv",
                       "--reuid=65534", "--regid=65534",   "--clear-groups"};
    poor.argv.insert(poor.argv.begin(), rights.begin(), rights.end());
    Process server = start_server(*guest, "latency");
    const Finished refused = guest->run(poor, 30s);
    const Finished told = server.wait(20s);
    INFO(describe(refused));
    CHECK(refused.status == 1);
    CHECK(says(refused, "ibv_reg_mr of 32MiB: Cannot allocate memory"));
    CHECK(says(refused, "limit of locked memory is 64KiB"));
    CHECK(says(told, "the peer failed: ibv_reg_mr"));
  }
  {
    const Finished nobody =
        guest->run(driver("latency", {kRoceAddress, "--wait", "300ms", "--port", "7999"}), 20s);
    CHECK(nobody.status == 1);
    CHECK(says(nobody, "port 7999: Connection refused"));
  }
  REQUIRE(guest->run({{"rdma", "link", "delete", "rxe0"}, {}, {}}, 20s).ok());
  const Finished list = guest->run(driver("latency", {"--list"}), 20s);
  CHECK(list.status == 1);
  CHECK(says(list, "modprobe rdma_rxe"));
  const PairResult none = run_pair(*guest, "bandwidth", {});
  for (const Finished* side : {&none.client, &none.server}) {
    CHECK(side->status == 1);
    CHECK(says(*side, "no RDMA device"));
  }
}
