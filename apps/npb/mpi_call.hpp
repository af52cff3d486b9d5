// The little of MPI that is written in more than one kernel.
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

namespace migbench::npb {

/// MPI from here to the end of the block. Errors of MPI end the job with MPI's own message.
class MpiSession {
 public:
  MpiSession(int* argc, char*** argv);
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;
  MpiSession(MpiSession&&) = delete;
  MpiSession& operator=(MpiSession&&) = delete;
};

/// A communicator that is freed; made by splitting.
class Communicator {
 public:
  Communicator(MPI_Comm from, int colour, int key);
  ~Communicator();
  Communicator(Communicator&& other) noexcept;
  Communicator& operator=(Communicator&&) = delete;
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;
  [[nodiscard]] MPI_Comm get() const noexcept { return comm_; }

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
};

/// Each rank's text, in the order of the ranks, on rank 0; empty elsewhere.
[[nodiscard]] std::vector<std::string> gather_texts(const std::string& own, MPI_Comm comm);

/// The sum over all ranks, on all ranks.
[[nodiscard]] double sum_over_ranks(double value, MPI_Comm comm);

/// Whether it is true on every rank.
[[nodiscard]] bool true_everywhere(bool value, MPI_Comm comm);

}  // namespace migbench::npb
