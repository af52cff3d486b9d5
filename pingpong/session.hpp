// MPI itself, held by objects.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <mpi.h>

namespace migbench::pingpong {

/// From MPI_Init to MPI_Finalize.
class Session {
 public:
  Session(int& argc, char**& argv);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  Session(Session&&) = delete;
  Session& operator=(Session&&) = delete;

  [[nodiscard]] int rank() const noexcept { return rank_; }
  [[nodiscard]] int size() const noexcept { return size_; }

 private:
  int rank_ = 0;
  int size_ = 1;
};

/// A part of the world, freed when it goes.
class Communicator {
 public:
  /// Collective over the world. Ranks with the same `colour` meet, in the order of `key`; a rank
  /// with MPI_UNDEFINED stays outside and holds MPI_COMM_NULL.
  Communicator(int colour, int key);
  ~Communicator();
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;
  Communicator(Communicator&&) = delete;
  Communicator& operator=(Communicator&&) = delete;

  [[nodiscard]] MPI_Comm get() const noexcept { return comm_; }

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
};

/// A barrier over the world in which a rank that waits sleeps: MPI's own waiting spins, and would
/// take a core away from those that measure.
void quiet_barrier();

using Message = std::vector<std::uint8_t>;

/// Collective over the world: rank 0 gets every rank's message, the others an empty list.
[[nodiscard]] std::vector<Message> gather(const Session& session, const Message& mine);

/// Collective over the world: rank 0's value.
[[nodiscard]] int broadcast(int value);

}  // namespace migbench::pingpong
