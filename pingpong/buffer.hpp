// Message buffers: page-aligned, every page touched before anything is timed.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

namespace migbench::pingpong {

class Buffer {
 public:
  /// At least one page, so that a message of 0 bytes has an address too. Throws Error that names
  /// the size where there is no memory.
  explicit Buffer(std::size_t size);

  [[nodiscard]] std::byte* data() const noexcept { return memory_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return {memory_.get(), size_}; }

 private:
  struct Free {
    void operator()(std::byte* memory) const noexcept { std::free(memory); }
  };
  std::unique_ptr<std::byte, Free> memory_;
  std::size_t size_ = 0;
};

/// `size` rounded up to whole pages: the distance of the slots of a buffer that holds several
/// messages.
[[nodiscard]] std::size_t round_to_pages(std::size_t size);

}  // namespace migbench::pingpong
