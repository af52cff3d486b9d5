#include "bench/error.hpp"
#include "tests/catch.hpp"
#include "udp_downtime/endpoint.hpp"
#include "udp_downtime/packet.hpp"

using namespace migbench;
using namespace migbench::udp;

TEST_CASE("a packet is read as it was written") {
  const Header header{
      .kind = PacketKind::reply, .session = 0x0123456789ABCDEF, .sequence = 0xFEDCBA9876543210};
  const PacketBytes bytes = encode(header);
  CHECK(bytes[0] == 'M');
  CHECK(bytes[8] == 0x01);  // network order
  CHECK(bytes[23] == 0x10);
  const auto decoded = decode(bytes);
  REQUIRE(decoded);
  CHECK(*decoded == header);
}

TEST_CASE("whatever is not a packet is refused") {
  const PacketBytes good = encode({.kind = PacketKind::request, .session = 1, .sequence = 2});
  for (const std::size_t size : {0U, 1U, 24U, 63U})
    CHECK_FALSE(decode(std::span(good).first(size)));
  std::array<std::uint8_t, kPacketSize + 1> longer{};
  std::copy(good.begin(), good.end(), longer.begin());
  CHECK_FALSE(decode(longer));
  // A wrong byte in the magic, the version, the kind or what must be zero.
  for (std::size_t at = 0; at < kPacketSize; ++at) {
    if (at >= 8 && at < kHeaderSize) continue;  // session and sequence may be anything
    PacketBytes bad = good;
    bad[at] ^= 0x80U;
    INFO("byte " << at);
    CHECK_FALSE(decode(bad));
  }
  PacketBytes no_kind = good;
  no_kind[kKindOffset] = 0;
  CHECK_FALSE(decode(no_kind));
}

TEST_CASE("addresses of both families are read, and others refused") {
  CHECK(numeric_endpoint("10.0.0.1", 7).text() == "10.0.0.1:7");
  CHECK(numeric_endpoint("::1", 7).text() == "[::1]:7");
  CHECK(numeric_endpoint("fe80::1%lo", 7).text() == "[fe80::1%lo]:7");
  for (const char* bad :
       {"", "10.0.0", "10.0.0.256", "host", ":", "::1%nosuchinterface", "1::2::3"})
    CHECK_THROWS_AS(numeric_endpoint(bad, 7), InputError);
  CHECK(same(numeric_endpoint("10.0.0.1", 7), numeric_endpoint("10.0.0.1", 7)));
  CHECK_FALSE(same(numeric_endpoint("10.0.0.1", 7), numeric_endpoint("10.0.0.1", 8)));
  CHECK_FALSE(same(numeric_endpoint("10.0.0.1", 7), numeric_endpoint("10.0.0.2", 7)));
  CHECK_FALSE(same(numeric_endpoint("::", 7), numeric_endpoint("0.0.0.0", 7)));
}
