// SHA-256 (FIPS 180-4), for proving that two runs used the same binary or the same data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace migbench {

class Sha256 {
 public:
  void add(std::span<const std::byte> data);
  /// 64 hexadecimal digits. Ends the sum: add() must not be called afterwards.
  [[nodiscard]] std::string finish();

 private:
  void take_block();

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> block_{};
  std::size_t filled_ = 0;
  std::uint64_t bytes_ = 0;
};

/// Of a text.
[[nodiscard]] std::string sha256(std::string_view text);

/// Throws Error where the file cannot be read.
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace migbench
