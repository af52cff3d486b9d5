#include "bench/samples.hpp"

#include <sys/mman.h>

namespace migbench {

// The vector's zeroing touches every page; mlock keeps them from being taken away again.
SampleStore::SampleStore(std::size_t capacity) : values_(capacity) {
  locked_ = capacity > 0 && ::mlock(values_.data(), capacity * sizeof(std::int64_t)) == 0;
}

SampleStore::~SampleStore() {
  if (locked_) ::munlock(values_.data(), values_.size() * sizeof(std::int64_t));
}

}  // namespace migbench
