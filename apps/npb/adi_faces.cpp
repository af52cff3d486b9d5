// Exchange of the cells' outer layers. All of a process's cells have their upper neighbours in a
// direction on one and the same process, so six messages a process do.
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
  for (std::size_t d = 0; d < 3; ++d)
    for (std::size_t up = 0; up < 2; ++up) {
      std::size_t size = 0;
      for (const Cell& cell : cells_)
        if (!(up == 1 ? cell.last : cell.first)[d]) size += size_of_layers(cell, d);
      send_[d][up].resize(size);
      receive_[d][up].resize(size);
      double* to = send_[d][up].data();
      for (const Cell& cell : cells_)
        if (!(up == 1 ? cell.last : cell.first)[d])
          for_each_row(cell, d, up == 1 ? cell.shape.points[d] - 2 : 0,
                       [&](Index at, Index length) { to = std::copy_n(&cell.u[at], length, to); });
    }
  for (std::size_t d = 0; d < 3; ++d)
    for (std::size_t up = 0; up < 2; ++up) {
      const int other = up == 1 ? successor_[d] : predecessor_[d];
      // A message upwards arrives as the other's message from below.
      const int sent_as = static_cast<int>(2 * d + up);
      const int received_as = static_cast<int>(2 * d + 1 - up);
      MPI_Irecv(receive_[d][up].data(), static_cast<int>(receive_[d][up].size()), MPI_DOUBLE, other,
                received_as, comm_, &requests.emplace_back());
      MPI_Isend(send_[d][up].data(), static_cast<int>(send_[d][up].size()), MPI_DOUBLE, other,
                sent_as, comm_, &requests.emplace_back());
    }
  MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
  for (std::size_t d = 0; d < 3; ++d)
    for (std::size_t up = 0; up < 2; ++up) {
      const double* from = receive_[d][up].data();
      // The neighbour packed its cells in the order of its layers in z: the same order here.
      for (Cell& cell : cells_)
        if (!(up == 1 ? cell.last : cell.first)[d])
          for_each_row(cell, d, up == 1 ? cell.shape.points[d] : -2, [&](Index at, Index length) {
            std::copy_n(from, length, &cell.u[at]);
            from += length;
          });
    }
}

}  // namespace migbench::npb
