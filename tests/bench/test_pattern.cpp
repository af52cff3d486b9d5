#include <vector>

#include "bench/pattern.hpp"
#include "tests/catch.hpp"

using namespace migbench;

namespace {

std::vector<std::byte> pattern(std::size_t size, std::uint64_t seed) {
  std::vector<std::byte> bytes(size);
  fill_pattern(bytes, seed);
  return bytes;
}

}  // namespace

TEST_CASE("a pattern is found right, whatever its length") {
  for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 4096U, 4099U}) {
    CAPTURE(size);
    CHECK_FALSE(find_mismatch(pattern(size, 42), 42));
  }
}

TEST_CASE("any changed byte is found, and where") {
  auto bytes = pattern(37, 5);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] ^= std::byte{1};
    CHECK(find_mismatch(bytes, 5) == i);
    bytes[i] ^= std::byte{1};
  }
}

TEST_CASE("another message, a shifted one and one that never arrived are found") {
  CHECK(find_mismatch(pattern(64, 1), 2));
  // Seeds of neighbouring messages and positions must not produce each other's words.
  for (std::uint64_t seed = 0; seed < 64; ++seed)
    CHECK(find_mismatch(pattern(8, seed), seed + 1));
  auto shifted = pattern(64, 1);
  shifted.erase(shifted.begin());
  CHECK(find_mismatch(shifted, 1));
  auto moved = pattern(64, 1);
  moved.erase(moved.begin(), moved.begin() + 8);
  CHECK(find_mismatch(moved, 1) == 0);

  std::vector<std::byte> spoilt(64);
  fill_spoilt(spoilt, 1);
  const auto right = pattern(64, 1);
  for (std::size_t i = 0; i < spoilt.size(); ++i)
    CHECK(spoilt[i] != right[i]);
}
