// Memory whose every word says which page it belongs to and when it was written, so that a page
// that a migration lost, tore or brought back in an old state is noticed.
//
// Pages are rewritten in order, round and round. What a page must hold follows from two integers
// (how many were written in all, how many there are), not from a table that could be lost together
// with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "bench/units.hpp"

namespace migbench {

inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kPageWords = kPageBytes / sizeof(std::uint64_t);

/// What was found where something else should have been.
struct BadPage {
  std::size_t page = 0;
  std::size_t word = 0;  ///< first wrong word of the page
  std::uint64_t expected = 0;
  std::uint64_t found = 0;
};

/// "page 17, word 3: 0x0 instead of 0x1f..."
[[nodiscard]] std::string describe(const BadPage& bad);

class Pages {
 public:
  /// At least one page; every page is touched and written once (generation 0). Throws Error where
  /// there is no memory.
  explicit Pages(Bytes memory);

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  /// Pages rewritten since the start, not counting generation 0.
  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }

  /// Checks the page whose turn it is and rewrites it. Returns what was wrong with it.
  std::optional<BadPage> rewrite_next() noexcept;
  [[nodiscard]] std::optional<BadPage> check(std::size_t page) const noexcept;

  /// Outcome of a look at every page.
  struct Verdict {
    std::uint64_t bad = 0;
    std::optional<BadPage> first;
  };
  [[nodiscard]] Verdict check_all() const noexcept;

  /// The words of a page, for tests that damage them.
  [[nodiscard]] std::uint64_t* words(std::size_t page) noexcept {
    return memory_.get() + page * kPageWords;
  }

 private:
  struct Unmap {
    std::size_t bytes = 0;
    void operator()(std::uint64_t* memory) const noexcept;
  };
  [[nodiscard]] std::uint64_t generation(std::size_t page) const noexcept;
  void fill(std::size_t page, std::uint64_t generation) noexcept;

  std::size_t count_;
  std::uint64_t written_ = 0;
  std::unique_ptr<std::uint64_t[], Unmap> memory_;  // NOLINT(modernize-avoid-c-arrays)
};

}  // namespace migbench
