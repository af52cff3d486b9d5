// Memory that the device reads and writes: whole pages, huge ones if asked for, all of them
// touched.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "bench/units.hpp"

namespace migbench::verbs {

class Memory {
 public:
  /// `huge`: the size of its pages (2 MiB or 1 GiB); none: ordinary ones. Throws Error that says
  /// how to reserve huge pages.
  Memory(std::size_t size, std::optional<Bytes> huge);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  Memory(Memory&&) = delete;
  Memory& operator=(Memory&&) = delete;

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// What one side's memory holds: `slots` messages to be sent, then as many to be received. The
/// measurement uses the first slots only, the validation all of them.
struct Layout {
  std::size_t slots = 1;
  std::size_t stride = 0;  ///< of a slot, a multiple of a cache line
  std::size_t lead = 0;    ///< bytes before the payload of a received message (UD: 40, its GRH)

  [[nodiscard]] std::size_t send_offset(std::size_t slot) const { return slot * stride; }
  [[nodiscard]] std::size_t receive_offset(std::size_t slot) const {
    return (slots + slot) * stride;
  }
  [[nodiscard]] std::size_t payload_offset(std::size_t slot) const {
    return receive_offset(slot) + lead;
  }
  [[nodiscard]] std::size_t total() const { return 2 * slots * stride; }
};

/// For messages of up to `largest` bytes; no more than 16 MiB for the slots beyond the first.
[[nodiscard]] Layout layout_for(Bytes largest, bool global_route_header);

}  // namespace migbench::verbs
