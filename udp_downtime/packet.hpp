// The probe's packet: 64 bytes of UDP payload, the same size both ways, integers in network order.
//
//   offset 0   4  magic "MBUD"
//          4   1  version, 1
//          5   1  kind: 1 request, 2 reply
//          6   2  zero
//          8   8  session: random, one a probe run
//         16   8  sequence: 0, 1, 2 ... of the packets that the probe sent
//         24  40  zero
//
// A server answers requests only, so that two servers never answer each other for ever. This header
// needs nothing but the standard library, since the echo server must run in a bare guest as well.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace migbench::udp {

inline constexpr std::size_t kPacketSize = 64;
inline constexpr std::size_t kHeaderSize = 24;
inline constexpr std::size_t kKindOffset = 5;
inline constexpr std::array<std::uint8_t, 4> kMagic{'M', 'B', 'U', 'D'};
inline constexpr std::uint8_t kVersion = 1;

enum class PacketKind : std::uint8_t { request = 1, reply = 2 };

struct Header {
  PacketKind kind = PacketKind::request;
  std::uint64_t session = 0;
  std::uint64_t sequence = 0;
  friend bool operator==(const Header&, const Header&) = default;
};

using PacketBytes = std::array<std::uint8_t, kPacketSize>;

namespace detail {

constexpr void store(std::span<std::uint8_t, 8> bytes, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i)
    bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}

constexpr std::uint64_t load(std::span<const std::uint8_t, 8> bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes)
    value = value << 8U | byte;
  return value;
}

}  // namespace detail

[[nodiscard]] constexpr PacketBytes encode(const Header& header) {
  PacketBytes bytes{};
  std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
  bytes[4] = kVersion;
  bytes[kKindOffset] = static_cast<std::uint8_t>(header.kind);
  const std::span<std::uint8_t, kPacketSize> all(bytes);
  detail::store(all.subspan<8, 8>(), header.session);
  detail::store(all.subspan<16, 8>(), header.sequence);
  return bytes;
}

/// Nothing where the size, the magic, the version, the kind or a byte that must be zero is wrong.
[[nodiscard]] constexpr std::optional<Header> decode(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != kPacketSize) return std::nullopt;
  const auto packet = bytes.first<kPacketSize>();
  if (!std::equal(kMagic.begin(), kMagic.end(), packet.begin()) || packet[4] != kVersion)
    return std::nullopt;
  const auto kind = static_cast<PacketKind>(packet[kKindOffset]);
  if (kind != PacketKind::request && kind != PacketKind::reply) return std::nullopt;
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  if (!std::all_of(packet.begin() + 6, packet.begin() + 8, is_zero) ||
      !std::all_of(packet.begin() + kHeaderSize, packet.end(), is_zero))
    return std::nullopt;
  return Header{.kind = kind,
                .session = detail::load(packet.subspan<8, 8>()),
                .sequence = detail::load(packet.subspan<16, 8>())};
}

}  // namespace migbench::udp
