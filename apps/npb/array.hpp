// Memory of the kernels' fields: aligned for SIMD, in huge pages where the system gives them (the
// strided passes of FT and the line solvers touch more 4 KiB pages than a TLB has entries).
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#include <sys/mman.h>

namespace migbench::npb {

/// A fixed-size array of a trivial type, all zero bits.
template <class Type>
class Array {
  static_assert(std::is_trivially_copyable_v<Type>);

 public:
  Array() = default;
  /// Throws std::bad_alloc.
  explicit Array(std::size_t size) : size_(size) {
    constexpr std::size_t huge_page = std::size_t{2} << 20U;
    const std::size_t bytes = size * sizeof(Type);
    const std::size_t alignment = bytes < huge_page ? 64 : huge_page;
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    if (rounded == 0) return;
    auto* memory = static_cast<Type*>(std::aligned_alloc(alignment, rounded));
    if (memory == nullptr) throw std::bad_alloc();
    // Only advice: without transparent huge pages everything works as before.
    if (alignment == huge_page) (void)::madvise(memory, rounded, MADV_HUGEPAGE);
    std::memset(static_cast<void*>(memory), 0, rounded);
    memory_.reset(memory);
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] Type* data() noexcept { return memory_.get(); }
  [[nodiscard]] const Type* data() const noexcept { return memory_.get(); }
  template <class Number>
  [[nodiscard]] Type& operator[](Number at) noexcept {
    return memory_.get()[at];
  }
  template <class Number>
  [[nodiscard]] const Type& operator[](Number at) const noexcept {
    return memory_.get()[at];
  }

 private:
  struct Free {
    void operator()(Type* memory) const noexcept { std::free(memory); }
  };
  std::unique_ptr<Type, Free> memory_;
  std::size_t size_ = 0;
};

}  // namespace migbench::npb
