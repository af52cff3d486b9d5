// LU's exchange of u: the two outer layers of each process's part go to its neighbours in x and y.
//
// They go in blocks of planes from the top down, in the order in which the sweep of the upper
// triangle makes them final: what was packed while the cache had it has long arrived when the
// right-hand side, which begins at the top too, asks for it.
#pragma once

#include <array>
#include <vector>

#include <mpi.h>

#include "apps/npb/array.hpp"
#include "apps/npb/lu_shape.hpp"

namespace migbench::npb {

class LuFaces {
 public:
  using Neighbours = std::array<std::array<int, 2>, 2>;  ///< [direction][lower, upper]
  LuFaces(MPI_Comm comm, const LuShape& shape, const Neighbours& neighbours);

  /// Plane k of u is final. For k = nz - 2 ... 1, in this order.
  void send(const Array<double>& u, Index k);
  /// Fills in the layers around plane k of u. For k = nz - 2 ... 1, in this order, after all planes
  /// have been sent.
  void receive(Array<double>& u, Index k);

 private:
  /// Messages to and from one neighbour.
  struct Side {
    std::size_t direction;
    Index sent_layer;  ///< the first of the two
    Index received_layer;
    int rank;
    int send_tag;
    int receive_tag;
    std::vector<double> outgoing, incoming;       ///< all planes, block by block
    std::vector<MPI_Request> sending, receiving;  ///< a block each
  };
  [[nodiscard]] Index block_of(Index k) const { return (shape_.nz - 2 - k) / kPlanes; }
  [[nodiscard]] Index begin_of(const Side& side, Index k) const;
  [[nodiscard]] Index plane_size(const Side& side) const;
  template <class Action>
  void for_each(const Side& side, Index first_layer, Index k, Action&& action) const;
  void post_receives();

  static constexpr Index kPlanes = 8;  // messages of some 10 KiB in class W, 40 in A
  MPI_Comm comm_;
  LuShape shape_;
  std::vector<Side> sides_;
};

}  // namespace migbench::npb
