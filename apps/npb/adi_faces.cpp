// Exchange of the cells' outer layers. All of a process's cells have their upper neighbours in a
// direction on one and the same process, so six messages a process do, or three where both
// neighbours are the same process.
#include <algorithm>

#include "apps/npb/adi_grid.hpp"

namespace migbench::npb {
namespace {

/// The rows along x of the layers [from, from + 2) across `direction` of a cell's u, without the
/// margins in the other directions: action(where a row begins, its length).
template <class Action>
void for_each_row(const Cell& cell, std::size_t direction, int from, Action&& action) {
  Triple low{0, 0, 0};
  Triple high = cell.shape.points;
  low[direction] = from;
  high[direction] = from + 2;
  for (Index m = 0; m < 5; ++m)
    for (Index k = low[2]; k < high[2]; ++k)
      for (Index j = low[1]; j < high[1]; ++j)
        action(m * cell.shape.component + cell.shape.at(low[0], j, k), high[0] - low[0]);
}

std::size_t size_of_layers(const Cell& cell, std::size_t direction) {
  std::size_t size = 10;  // two layers of five components
  for (std::size_t d = 0; d < 3; ++d)
    if (d != direction) size *= static_cast<std::size_t>(cell.shape.points[d]);
  return size;
}

}  // namespace

void AdiGrid::exchange_faces() {
  if (across_ == 1) return;
  std::vector<MPI_Request> requests;
  std::array<std::array<std::size_t, 2>, 3> sizes{};  // [direction][down, up], sent and received
  for (std::size_t d = 0; d < 3; ++d) {
    for (std::size_t up = 0; up < 2; ++up)
      for (const Cell& cell : cells_)
        if (!(up == 1 ? cell.last : cell.first)[d]) sizes[d][up] += size_of_layers(cell, d);
    send_[d].resize(sizes[d][0] + sizes[d][1]);
    receive_[d].resize(send_[d].size());
    double* to = send_[d].data();
    for (std::size_t up = 0; up < 2; ++up)
      for (const Cell& cell : cells_)
        if (!(up == 1 ? cell.last : cell.first)[d])
          for_each_row(cell, d, up == 1 ? cell.shape.points[d] - 2 : 0,
                       [&](Index at, Index length) { to = std::copy_n(&cell.u[at], length, to); });
    // What the neighbour sends downwards arrives from above, and lies first, as it does there. Two
    // cells a line are two processes': one message takes both layers.
    const auto exchange = [&](std::size_t sent, std::size_t received, std::size_t from, int to_rank,
                              int from_rank, int tag) {
      MPI_Irecv(receive_[d].data() + (from == 1 ? 0 : sizes[d][1]), static_cast<int>(received),
                MPI_DOUBLE, from_rank, tag, comm_, &requests.emplace_back());
      MPI_Isend(send_[d].data() + (from == 1 ? 0 : sizes[d][0]), static_cast<int>(sent), MPI_DOUBLE,
                to_rank, tag, comm_, &requests.emplace_back());
    };
    const int tag = static_cast<int>(2 * d);
    if (across_ == 2) {
      exchange(send_[d].size(), receive_[d].size(), 1, successor_[d], successor_[d], tag);
    } else {
      exchange(sizes[d][0], sizes[d][1], 1, predecessor_[d], successor_[d], tag);
      exchange(sizes[d][1], sizes[d][0], 0, successor_[d], predecessor_[d], tag + 1);
    }
  }
  MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
  for (std::size_t d = 0; d < 3; ++d) {
    const double* from = receive_[d].data();
    // The neighbour packed its cells in the order of its layers in z: the same order here.
    for (const bool up : {true, false})
      for (Cell& cell : cells_)
        if (!(up ? cell.last : cell.first)[d])
          for_each_row(cell, d, up ? cell.shape.points[d] : -2, [&](Index at, Index length) {
            std::copy_n(from, length, &cell.u[at]);
            from += length;
          });
  }
}

}  // namespace migbench::npb
