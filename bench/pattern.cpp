#include "bench/pattern.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace migbench {
namespace {

/// SplitMix64's output function (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, 2014): 8 bytes for any position without those before it.
std::uint64_t mix(std::uint64_t seed, std::uint64_t position) {
  std::uint64_t z = seed * 0xD1342543DE82EF95ULL + (position + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

using Word = std::array<std::byte, sizeof(std::uint64_t)>;

/// Calls visit(offset, length, word of the pattern) for every 8 bytes and the shorter rest.
template <class Visit>
void for_each_word(std::size_t size, std::uint64_t seed, Visit visit) {
  for (std::size_t offset = 0; offset < size; offset += sizeof(Word)) {
    const auto word = std::bit_cast<Word>(mix(seed, offset / sizeof(Word)));
    if (!visit(offset, std::min(sizeof(Word), size - offset), word)) return;
  }
}

}  // namespace

void fill_pattern(std::span<std::byte> buffer, std::uint64_t seed) {
  for_each_word(buffer.size(), seed, [&](std::size_t offset, std::size_t length, const Word& word) {
    std::copy_n(word.begin(), length, buffer.begin() + static_cast<std::ptrdiff_t>(offset));
    return true;
  });
}

void fill_spoilt(std::span<std::byte> buffer, std::uint64_t seed) {
  fill_pattern(buffer, seed);
  std::transform(buffer.begin(), buffer.end(), buffer.begin(), [](std::byte b) { return ~b; });
}

std::optional<std::size_t> find_mismatch(std::span<const std::byte> buffer, std::uint64_t seed) {
  std::optional<std::size_t> found;
  for_each_word(buffer.size(), seed, [&](std::size_t offset, std::size_t length, const Word& word) {
    for (std::size_t i = 0; i < length; ++i) {
      if (buffer[offset + i] != word[i]) {
        found = offset + i;
        return false;
      }
    }
    return true;
  });
  return found;
}

}  // namespace migbench
