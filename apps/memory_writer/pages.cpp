#include "apps/memory_writer/pages.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sys/mman.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

/// The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): every bit of the input changes
/// half of the output's.
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31U);
}

/// SplitMix64's increment: odd, so that no two words of a page are equal.
constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;

constexpr std::uint64_t first_word(std::size_t page, std::uint64_t generation) noexcept {
  return mix(mix(page + 1) + generation);
}

std::uint64_t* map_pages(std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw system_error(fmt::format("map {} of memory", format_bytes(Bytes{bytes})),
                       "choose a smaller --memory");
  }
  // Huge pages would make the kernel dump and track 2 MiB at a time: then neither the resident
  // memory nor the rewrite rate would be what was asked for.
  (void)::madvise(memory, bytes, MADV_NOHUGEPAGE);
  return static_cast<std::uint64_t*>(memory);
}

}  // namespace

std::string describe(const BadPage& bad) {
  return fmt::format("page {}, word {}: {:#x} instead of {:#x}", bad.page, bad.word, bad.found,
                     bad.expected);
}

void Pages::Unmap::operator()(std::uint64_t* memory) const noexcept {
  ::munmap(memory, bytes);
}

Pages::Pages(Bytes memory)
    : count_(std::max<std::size_t>(1, memory.count / kPageBytes)),
      memory_(map_pages(count_ * kPageBytes), Unmap{count_ * kPageBytes}) {
  for (std::size_t page = 0; page < count_; ++page)
    fill(page, 0);
}

std::uint64_t Pages::generation(std::size_t page) const noexcept {
  return written_ / count_ + (page < written_ % count_ ? 1 : 0);
}

void Pages::fill(std::size_t page, std::uint64_t generation) noexcept {
  std::uint64_t* word = words(page);
  const std::uint64_t first = first_word(page, generation);
  for (std::size_t k = 0; k < kPageWords; ++k)
    word[k] = first + k * kStep;
}

std::optional<BadPage> Pages::check(std::size_t page) const noexcept {
  const std::uint64_t* word = memory_.get() + page * kPageWords;
  const std::uint64_t first = first_word(page, generation(page));
  // Without an exit inside, so that the loop is made of vector instructions.
  std::uint64_t difference = 0;
  for (std::size_t k = 0; k < kPageWords; ++k)
    difference |= word[k] ^ (first + k * kStep);
  if (difference == 0) return std::nullopt;
  std::size_t k = 0;
  while (k + 1 < kPageWords && word[k] == first + k * kStep)
    ++k;
  return BadPage{page, k, first + k * kStep, word[k]};
}

std::optional<BadPage> Pages::rewrite_next() noexcept {
  const std::size_t page = written_ % count_;
  const auto bad = check(page);
  fill(page, written_ / count_ + 1);
  ++written_;
  return bad;
}

Pages::Verdict Pages::check_all() const noexcept {
  Verdict verdict;
  for (std::size_t page = 0; page < count_; ++page) {
    if (const auto bad = check(page)) {
      ++verdict.bad;
      if (!verdict.first) verdict.first = bad;
    }
  }
  return verdict;
}

}  // namespace migbench
