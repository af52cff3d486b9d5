// The arithmetic of migbench-mpi-iterations: a ring of cells, cut into one stretch a rank.
//
// Everything is modulo 2^64, so the result is exact and does not depend on how the ring is cut or
// in which order a sum is made. The sum of all cells enters the next iteration of every cell: one
// halo or one addend that was lost, doubled or stale changes everything after it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace migbench {

class Stretch {
 public:
  /// `first`: index in the ring of this stretch's first cell. At least one cell.
  Stretch(std::uint64_t first, std::size_t cells);

  [[nodiscard]] std::uint64_t leftmost() const noexcept { return cells_.front(); }
  [[nodiscard]] std::uint64_t rightmost() const noexcept { return cells_.back(); }
  /// One iteration, with the neighbours' border cells and the sum of all cells before it.
  void step(std::uint64_t from_left, std::uint64_t from_right, std::uint64_t total) noexcept;
  [[nodiscard]] std::uint64_t sum() const noexcept;
  [[nodiscard]] std::span<const std::uint64_t> cells() const noexcept { return cells_; }

 private:
  std::vector<std::uint64_t> cells_;
};

/// What the sum of all cells must be after `iterations`, computed by one process.
[[nodiscard]] std::uint64_t sum_after(std::size_t cells, std::uint64_t iterations);

}  // namespace migbench
