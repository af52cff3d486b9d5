// A store of raw samples that costs nothing while measuring: all its memory is touched and, where
// the limit allows, locked beforehand; add() is one compare and one store, and never calls the
// kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace migbench {

class SampleStore {
 public:
  /// Room for `capacity` samples. Throws std::bad_alloc.
  explicit SampleStore(std::size_t capacity);
  ~SampleStore();
  SampleStore(const SampleStore&) = delete;
  SampleStore& operator=(const SampleStore&) = delete;
  SampleStore(SampleStore&&) = delete;
  SampleStore& operator=(SampleStore&&) = delete;

  /// Keeps `value`, or only counts it where the store is full: see overflow().
  void add(std::int64_t value) noexcept {
    if (size_ < values_.size()) {
      values_[size_++] = value;
    } else {
      ++overflow_;
    }
  }

  void clear() noexcept { size_ = overflow_ = 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return values_.size(); }
  [[nodiscard]] bool full() const noexcept { return size_ == values_.size(); }
  /// Samples that found no room. A summary of a store that overflowed must say so.
  [[nodiscard]] std::size_t overflow() const noexcept { return overflow_; }
  /// Whether the pages are locked; false where RLIMIT_MEMLOCK forbids it.
  [[nodiscard]] bool locked() const noexcept { return locked_; }
  /// The samples in the order in which they came.
  [[nodiscard]] std::span<const std::int64_t> values() const noexcept {
    return {values_.data(), size_};
  }

 private:
  std::vector<std::int64_t> values_;
  std::size_t size_ = 0;
  std::size_t overflow_ = 0;
  bool locked_ = false;
};

}  // namespace migbench
