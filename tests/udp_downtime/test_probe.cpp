#include <functional>

#include "bench/error.hpp"
#include "tests/catch.hpp"
#include "tests/udp_downtime/local_server.hpp"
#include "udp_downtime/report.hpp"

using namespace migbench;
using namespace migbench::udp;
using namespace migbench::udp::test;
using namespace std::chrono_literals;

namespace {

ProbeRun probe_for(const Endpoint& server, Nanoseconds duration, Nanoseconds timeout = 60s) {
  ProbeOptions options;
  options.server = server;
  options.interval = 1ms;
  options.duration = duration;
  options.drain = 500ms;
  options.timeout = timeout;
  Probe probe(options);
  while (!probe.sender_done())
    std::this_thread::sleep_for(5ms);
  return probe.finish();
}

void check_answered(const std::string& address) {
  LocalServer server(address);
  const ProbeRun run = probe_for(server.at(), 300ms);
  CHECK(run.sent > 0);
  CHECK(run.sent <= 300);
  CHECK(run.sent + run.sender.skipped <= 300);
  CHECK(run.answered == run.sent);
  CHECK(run.sender.refused == 0);
  CHECK(run.receiver.foreign == 0);
  CHECK(run.receiver.malformed == 0);
  CHECK(run.kernel_stamps);
  std::int64_t last = run.start_ns - 1;
  for (const PacketTimes& packet : run.trace()) {
    CHECK(packet.sent_ns > last);
    CHECK(packet.copies == 1);
    // The stamps are the kernel's wall clock: converted rightly, they follow the send at once.
    CHECK(packet.round_trip_ns() > -run.wall.bound_ns);
    CHECK(packet.received_ns < run.end_ns);
    last = packet.sent_ns;
  }
}

// Does to every request what `answer` says, until `stop`.
class FakeServer {
 public:
  using Answer = std::function<void(const Descriptor&, const Header&, const Endpoint&)>;
  explicit FakeServer(Answer answer) : socket_(test_socket(20)), answer_(std::move(answer)) {
    thread_ = std::thread([this] {
      while (!stop_) {
        PacketBytes bytes{};
        Endpoint from;
        from.size = sizeof from.address;
        if (::recvfrom(socket_.get(), bytes.data(), bytes.size(), 0, from.get(), &from.size) < 0)
          continue;
        if (const auto header = decode(bytes)) answer_(socket_, *header, from);
      }
    });
  }
  ~FakeServer() {
    stop_ = true;
    thread_.join();
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  [[nodiscard]] Endpoint at() const { return bound_to(socket_.get()); }

 private:
  Descriptor socket_;
  Answer answer_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

PacketBytes reply_to(Header header) {
  header.kind = PacketKind::reply;
  return encode(header);
}

}  // namespace

TEST_CASE("nothing is lost on the loopback, IPv4") {
  check_answered("127.0.0.1");
}

TEST_CASE("nothing is lost on the loopback, IPv6") {
  try {
    (void)bound_socket(numeric_endpoint("::1", 0));
  } catch (const Error& error) {
    skip_test(std::string("no IPv6 loopback here: ") + error.what());
  }
  check_answered("::1");
}

TEST_CASE("replies that are not this session's are counted and ignored") {
  const Descriptor stranger = test_socket(10);
  FakeServer server([&](const Descriptor& socket, const Header& request, const Endpoint& client) {
    Header other = request;
    other.session ^= 1U;
    send_to(socket, reply_to(other), client);  // foreign: another session
    other = request;
    other.sequence += 1'000'000;
    send_to(socket, reply_to(other), client);      // foreign: never sent
    send_to(stranger, reply_to(request), client);  // foreign: not from the server
    send_to(socket, encode(request), client);      // malformed: a request
    const PacketBytes good = reply_to(request);
    send_to(socket, std::span(good).first(40), client);  // malformed: too short
    send_to(socket, good, client);
    send_to(socket, good, client);  // a duplicate
  });
  const ProbeRun run = probe_for(server.at(), 100ms);
  REQUIRE(run.sent > 0);
  CHECK(run.answered == run.sent);
  CHECK(run.receiver.foreign == 3 * run.sent);
  CHECK(run.receiver.malformed == 2 * run.sent);
  // The last duplicate may come when the receiver has already been stopped.
  CHECK(run.receiver.duplicates + 1 >= run.sent);
  CHECK(run.receiver.duplicates <= run.sent);
}

TEST_CASE("a reply past the timeout is late and its packet stays unanswered") {
  FakeServer server([&](const Descriptor& socket, const Header& request, const Endpoint& client) {
    if (request.sequence == 0) std::this_thread::sleep_for(60ms);
    send_to(socket, reply_to(request), client);
  });
  const ProbeRun run = probe_for(server.at(), 200ms, 30ms);
  REQUIRE(run.sent > 60);
  CHECK_FALSE(run.trace()[0].answered());
  CHECK(run.receiver.late >= 20);
  CHECK(run.receiver.late + run.answered == run.sent);
}

TEST_CASE("a port where nobody listens is an outage, not an error of the sender") {
  const Endpoint nobody = [] {
    const Descriptor socket = test_socket(10);
    return bound_to(socket.get());
  }();
  const ProbeRun run = probe_for(nobody, 100ms);
  CHECK(run.sent > 0);
  CHECK(run.answered == 0);
  CHECK(run.sender.refused == 0);
  const AnalysisOptions options{.interval_ns = 1'000'000, .threshold_ns = 20'000'000};
  const auto reasons = suspicions(run, analyze(run.trace(), options), options);
  CHECK(std::any_of(reasons.begin(), reasons.end(), [](const std::string& reason) {
    return reason.find("nothing was answered") != std::string::npos;
  }));
}

TEST_CASE("an interval that cannot be held and a run that no trace holds are refused") {
  ProbeOptions options;
  options.server = numeric_endpoint("127.0.0.1", 9);
  for (const Nanoseconds interval : {Nanoseconds{0}, Nanoseconds{-5}, Nanoseconds{1us}}) {
    options.interval = interval;
    CHECK_THROWS_AS(Probe(options), InputError);
  }
  options.interval = 10us;
  options.duration = 24h;
  CHECK_THROWS_AS(Probe(options), InputError);
}
