#include "apps/npb/lu_faces.hpp"

#include <algorithm>

namespace migbench::npb {

LuFaces::LuFaces(MPI_Comm comm, const LuShape& shape, const Neighbours& neighbours)
    : comm_(comm), shape_(shape) {
  const Index planes = shape.nz - 2;
  const auto blocks = static_cast<std::size_t>((planes + kPlanes - 1) / kPlanes);
  for (std::size_t d = 0; d < 2; ++d)
    for (std::size_t end = 0; end < 2; ++end) {
      if (neighbours[d][end] == MPI_PROC_NULL) continue;
      const Index across = d == 0 ? shape.nx : shape.ny;
      Side& side = sides_.emplace_back();
      side.direction = d;
      side.sent_layer = end == 0 ? 0 : across - 2;
      side.received_layer = end == 0 ? -2 : across;
      side.rank = neighbours[d][end];
      // Not the sweeps' tags 0 and 1. What goes up arrives as a message from below.
      side.send_tag = static_cast<int>(2 + 2 * d + end);
      side.receive_tag = static_cast<int>(2 + 2 * d + 1 - end);
      side.outgoing.resize(static_cast<std::size_t>(plane_size(side) * planes));
      side.incoming.resize(side.outgoing.size());
      side.sending.assign(blocks, MPI_REQUEST_NULL);
      side.receiving.assign(blocks, MPI_REQUEST_NULL);
    }
}

Index LuFaces::plane_size(const Side& side) const {
  return 10 * (side.direction == 0 ? shape_.ny : shape_.nx);  // two layers of five components
}

Index LuFaces::begin_of(const Side& side, Index k) const {
  return (shape_.nz - 2 - k) * plane_size(side);
}

template <class Action>
void LuFaces::for_each(const Side& side, Index first_layer, Index k, Action&& action) const {
  const bool x = side.direction == 0;
  const Index step = shape_.steps()[x ? 1 : 0];
  for (Index m = 0; m < 5; ++m)
    for (Index layer = first_layer; layer < first_layer + 2; ++layer) {
      Index at = m * shape_.component + (x ? shape_.at(layer, 0, k) : shape_.at(0, layer, k));
      for (Index along = 0; along < (x ? shape_.ny : shape_.nx); ++along, at += step)
        action(at);
    }
}

void LuFaces::post_receives() {
  for (Side& side : sides_) {
    MPI_Waitall(static_cast<int>(side.sending.size()), side.sending.data(), MPI_STATUSES_IGNORE);
    Index k = shape_.nz - 2;
    for (MPI_Request& request : side.receiving) {
      const Index planes = std::min(kPlanes, k);
      MPI_Irecv(&side.incoming[static_cast<std::size_t>(begin_of(side, k))],
                static_cast<int>(planes * plane_size(side)), MPI_DOUBLE, side.rank,
                side.receive_tag, comm_, &request);
      k -= planes;
    }
  }
}

void LuFaces::send(const Array<double>& u, Index k) {
  if (k == shape_.nz - 2) post_receives();
  for (Side& side : sides_) {
    double* to = &side.outgoing[static_cast<std::size_t>(begin_of(side, k))];
    for_each(side, side.sent_layer, k, [&](Index at) { *to++ = u[at]; });
    const Index block = block_of(k);
    if (k > 1 && block_of(k - 1) == block) continue;
    const auto first = static_cast<std::size_t>(block * kPlanes * plane_size(side));
    MPI_Isend(&side.outgoing[first], static_cast<int>(to - &side.outgoing[first]), MPI_DOUBLE,
              side.rank, side.send_tag, comm_, &side.sending[static_cast<std::size_t>(block)]);
  }
}

void LuFaces::receive(Array<double>& u, Index k) {
  for (Side& side : sides_) {
    MPI_Wait(&side.receiving[static_cast<std::size_t>(block_of(k))], MPI_STATUS_IGNORE);
    const double* from = &side.incoming[static_cast<std::size_t>(begin_of(side, k))];
    for_each(side, side.received_layer, k, [&](Index at) { u[at] = *from++; });
  }
}

}  // namespace migbench::npb
