#include <algorithm>
#include <random>

#include "tests/catch.hpp"
#include "tests/udp_downtime/local_server.hpp"

using namespace migbench;
using namespace migbench::udp;
using namespace migbench::udp::test;

namespace {

using Datagram = std::vector<std::uint8_t>;

// The next packet, or nothing within the socket's patience.
Datagram receive(const Descriptor& socket) {
  Datagram bytes(2048);
  const ssize_t got = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

Datagram noise(std::mt19937_64& random) {
  Datagram bytes(std::uniform_int_distribution<std::size_t>(0, 1400)(random));
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::uint8_t>(random()); });
  return bytes;
}

// A request with something wrong: the wrong size, or one wrong bit outside session and sequence.
Datagram nearly_right(std::mt19937_64& random) {
  const PacketBytes good =
      encode({.kind = PacketKind::request, .session = random(), .sequence = random()});
  Datagram bytes(good.begin(), good.end());
  if (random() % 2 == 0) {
    std::size_t size = kPacketSize;
    while (size == kPacketSize)
      size = random() % 130;
    bytes.resize(size);
  } else {
    std::size_t at = random() % kPacketSize;
    while (at >= 8 && at < kHeaderSize)
      at = random() % kPacketSize;
    bytes[at] ^= static_cast<std::uint8_t>(1U << (random() % 8));
  }
  return bytes;
}

}  // namespace

TEST_CASE("the server answers a request with itself, and nothing else at all") {
  LocalServer server("127.0.0.1");
  const Descriptor client = test_socket(200);
  std::mt19937_64 random(7);
  constexpr std::uint64_t kBad = 2000;
  const PacketBytes request = encode({.kind = PacketKind::request, .session = 42, .sequence = 43});
  for (std::uint64_t i = 0; i < kBad; ++i) {
    send_to(client, i % 2 == 0 ? noise(random) : nearly_right(random), server.at());
    // So that the server's buffer holds them all whatever the machine does.
    if (i % 100 == 99) {
      send_to(client, request, server.at());
      CHECK(receive(client).size() == kPacketSize);
    }
  }
  // A server must not answer a server.
  send_to(client, encode({.kind = PacketKind::reply, .session = 1, .sequence = 1}), server.at());
  CHECK(receive(client).empty());

  send_to(client, request, server.at());
  const Datagram answer = receive(client);
  CHECK(answer.size() == request.size());
  const auto header = decode(answer);
  REQUIRE(header);
  CHECK(*header == Header{.kind = PacketKind::reply, .session = 42, .sequence = 43});
  CHECK(receive(client).empty());  // once
  const ServerCounts counts = server.stop();
  CHECK(counts.answered == kBad / 100 + 1);
  CHECK(counts.ignored == kBad + 1);
}

TEST_CASE("the answer comes from the address that was asked") {
  LocalServer server("0.0.0.0");
  const Descriptor client = test_socket(1000);
  const Endpoint asked = numeric_endpoint("127.0.0.5", server.at().port());
  send_to(client, encode({.kind = PacketKind::request}), asked);
  Datagram bytes(kPacketSize);
  Endpoint from;
  from.size = sizeof from.address;
  REQUIRE(::recvfrom(client.get(), bytes.data(), bytes.size(), 0, from.get(), &from.size) ==
          static_cast<ssize_t>(kPacketSize));
  CHECK(same(from, asked));
}
