// Waiting for messages where processes are more than processors.
//
// MPI spins while it waits. With a processor for every process that is the fastest way; without, a
// process that waits takes the processor from the one that it waits for, up to a whole time slice
// for each message. There a process looks some times, giving way in between, and then sleeps.
#pragma once

#include <span>

#include <mpi.h>

namespace migbench::npb {

/// Finds out whether the processes of a node outnumber the processors that they may use; to be
/// called once, by all ranks, before anything is timed.
void prepare_waiting(MPI_Comm comm);
[[nodiscard]] bool processors_are_shared();

/// MPI_Waitall.
void wait_all(std::span<MPI_Request> requests);

/// `count` doubles to or from a peer.
struct Message {
  int count = 0;
  int peer = 0;
  int tag = 0;
};
/// One out and one in, MPI_Sendrecv.
void exchange(const void* sent, const Message& out, void* received, const Message& in,
              MPI_Comm comm);
/// MPI_Alltoall: `count` doubles to and from each.
void all_to_all(const void* sent, void* received, int count, MPI_Comm comm);
/// MPI_Recv.
void receive(void* received, const Message& in, MPI_Comm comm);

}  // namespace migbench::npb
