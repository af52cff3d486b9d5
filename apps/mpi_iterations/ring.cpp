#include "apps/mpi_iterations/ring.hpp"

#include <numeric>

namespace migbench {
namespace {

// Odd, so that no bit of a neighbour's cell is lost.
constexpr std::uint64_t kOwn = 0x9e3779b97f4a7c15ULL;
constexpr std::uint64_t kLeft = 0xbf58476d1ce4e5b9ULL;
constexpr std::uint64_t kRight = 0x94d049bb133111ebULL;

}  // namespace

Stretch::Stretch(std::uint64_t first, std::size_t cells) : cells_(cells) {
  for (std::size_t k = 0; k < cells; ++k)
    cells_[k] = (first + k + 1) * kOwn;
}

void Stretch::step(std::uint64_t from_left, std::uint64_t from_right,
                   std::uint64_t total) noexcept {
  std::uint64_t left = from_left;
  for (std::size_t k = 0; k < cells_.size(); ++k) {
    const std::uint64_t own = cells_[k];
    const std::uint64_t right = k + 1 < cells_.size() ? cells_[k + 1] : from_right;
    cells_[k] = own * kOwn + left * kLeft + right * kRight + total;
    left = own;
  }
}

std::uint64_t Stretch::sum() const noexcept {
  return std::accumulate(cells_.begin(), cells_.end(), std::uint64_t{0});
}

std::uint64_t sum_after(std::size_t cells, std::uint64_t iterations) {
  Stretch whole(0, cells);
  std::uint64_t total = whole.sum();
  for (std::uint64_t k = 0; k < iterations; ++k) {
    whole.step(whole.rightmost(), whole.leftmost(), total);
    total = whole.sum();
  }
  return total;
}

}  // namespace migbench
