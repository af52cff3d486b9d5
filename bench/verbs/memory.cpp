#include "bench/verbs/memory.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/error.hpp"

namespace migbench::verbs {
namespace {

std::size_t round_up(std::size_t size, std::size_t unit) {
  return (size + unit - 1) / unit * unit;
}

}  // namespace

Memory::Memory(std::size_t size, std::optional<Bytes> huge) {
  const std::size_t page = huge ? static_cast<std::size_t>(huge->count)
                                : static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  size_ = round_up(std::max<std::size_t>(size, 1), page);
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  if (huge) flags |= MAP_HUGETLB | (std::countr_zero(page) << MAP_HUGE_SHIFT);
  void* mapped = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (mapped == MAP_FAILED) {
    throw system_error(
        fmt::format("map {} of memory in pages of {}", format_bytes(Bytes{size_}),
                    format_bytes(Bytes{page})),
        huge ? fmt::format("reserve them: echo {} > /sys/kernel/mm/hugepages/hugepages-{}kB/"
                           "nr_hugepages, or leave --huge-pages out",
                           size_ / page, page / 1024)
             : "ask for smaller --sizes");
  }
  data_ = static_cast<std::byte*>(mapped);
  // Not zero: pages of zeros may be shared by the kernel, and look like missing data.
  std::memset(data_, 'm', size_);
}

Memory::~Memory() {
  ::munmap(data_, size_);
}

Layout layout_for(Bytes largest, bool global_route_header) {
  constexpr std::size_t kCacheLine = 64;
  constexpr std::size_t kMostSlots = 8;
  constexpr std::size_t kMostForSlots = 16UL << 20U;
  Layout layout;
  layout.lead = global_route_header ? 40 : 0;
  layout.stride = round_up(static_cast<std::size_t>(largest.count) + layout.lead, kCacheLine);
  layout.slots = std::clamp<std::size_t>(kMostForSlots / layout.stride, 1, kMostSlots);
  return layout;
}

}  // namespace migbench::verbs
