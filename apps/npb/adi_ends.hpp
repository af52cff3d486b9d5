// The messages between the cells of a line.
#pragma once

#include <array>
#include <utility>

#include <mpi.h>

#include "apps/npb/array.hpp"
#include "apps/npb/lanes.hpp"

namespace migbench::npb {

/// What goes over the borders between cells, one `End` a block of lines: for each of the two ways
/// through the lines, the sender's copy or the receiver's.
template <class End>
class LineEnds {
 public:
  /// together: both ways' ends come from and go to the same process, in one message.
  LineEnds(MPI_Comm comm, Index blocks, bool together)
      : comm_(comm),
        blocks_(blocks),
        together_(together),
        ends_(static_cast<std::size_t>(2 * blocks)) {}
  LineEnds(LineEnds&& other) noexcept
      : comm_(other.comm_),
        blocks_(other.blocks_),
        together_(other.together_),
        ends_(std::move(other.ends_)),
        requests_(std::exchange(other.requests_, {MPI_REQUEST_NULL, MPI_REQUEST_NULL})) {}
  ~LineEnds() { MPI_Waitall(2, requests_.data(), MPI_STATUSES_IGNORE); }
  LineEnds(const LineEnds&) = delete;
  LineEnds& operator=(const LineEnds&) = delete;
  LineEnds& operator=(LineEnds&&) = delete;

  /// Of way 0 or 1, or of both where they go together.
  void send(std::size_t way, int to, int tag) {
    MPI_Isend(first(way), doubles(), MPI_DOUBLE, to, tag, comm_, &request(way));
  }
  void expect(std::size_t way, int from, int tag) {
    MPI_Irecv(first(way), doubles(), MPI_DOUBLE, from, tag, comm_, &request(way));
  }
  /// Until then what is sent must not be written, and what is expected not be read.
  void wait(std::size_t way) { MPI_Wait(&request(way), MPI_STATUS_IGNORE); }
  [[nodiscard]] End& at(std::size_t way, Index block) {
    return ends_[static_cast<Index>(way) * blocks_ + block];
  }

 private:
  [[nodiscard]] MPI_Request& request(std::size_t way) { return requests_[together_ ? 0 : way]; }
  [[nodiscard]] End* first(std::size_t way) { return &at(together_ ? 0 : way, 0); }
  [[nodiscard]] int doubles() const {
    constexpr Index each = sizeof(End) / sizeof(double);
    return static_cast<int>((together_ ? 2 : 1) * blocks_ * each);
  }
  MPI_Comm comm_;
  Index blocks_;
  bool together_;
  Array<End> ends_;
  std::array<MPI_Request, 2> requests_{MPI_REQUEST_NULL, MPI_REQUEST_NULL};
};

}  // namespace migbench::npb
