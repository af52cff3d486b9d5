#include "pingpong/buffer.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/error.hpp"
#include "bench/units.hpp"

namespace migbench::pingpong {
namespace {

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace

std::size_t round_to_pages(std::size_t size) {
  const std::size_t page = page_size();
  return (size + page - 1) / page * page;
}

Buffer::Buffer(std::size_t size) : size_(size) {
  const std::size_t whole = std::max(round_to_pages(size), page_size());
  memory_.reset(static_cast<std::byte*>(std::aligned_alloc(page_size(), whole)));
  if (!memory_) {
    throw Error(
        fmt::format("no memory for a message buffer of {}: ask for smaller --sizes or a "
                    "smaller --window",
                    format_bytes(Bytes{size})));
  }
  // Not zero: pages of zeros may be merged or shared by the kernel, and look like missing data.
  std::memset(memory_.get(), 'm', whole);
}

}  // namespace migbench::pingpong
