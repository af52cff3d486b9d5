#include "pingpong/session.hpp"

#include <chrono>
#include <limits>
#include <numeric>
#include <thread>

#include "bench/error.hpp"

namespace migbench::pingpong {

Session::Session(int& argc, char**& argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size_);
}

Session::~Session() {
  MPI_Finalize();
}

Communicator::Communicator(int colour, int key) {
  MPI_Comm_split(MPI_COMM_WORLD, colour, key, &comm_);
}

Communicator::~Communicator() {
  if (comm_ != MPI_COMM_NULL) MPI_Comm_free(&comm_);
}

void quiet_barrier() {
  constexpr std::chrono::milliseconds kNap{1};
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibarrier(MPI_COMM_WORLD, &request);
  int done = 0;
  MPI_Test(&request, &done, MPI_STATUS_IGNORE);
  while (done == 0) {
    std::this_thread::sleep_for(kNap);
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
  }
}

std::vector<Message> gather(const Session& session, const Message& mine) {
  const auto ranks = static_cast<std::size_t>(session.size());
  const bool root = session.rank() == 0;
  const auto length = static_cast<std::int64_t>(mine.size());
  std::vector<std::int64_t> lengths(root ? ranks : 0);
  MPI_Gather(&length, 1, MPI_INT64_T, lengths.data(), 1, MPI_INT64_T, 0, MPI_COMM_WORLD);
  if (length > std::numeric_limits<int>::max())
    throw Error("the samples of one size are more than MPI can send: give a smaller --samples");
  // One message a rank, not MPI_Gatherv: its offsets are int, and all samples of many pairs pass
  // 2 GiB.
  if (!root) {
    MPI_Send(mine.data(), static_cast<int>(length), MPI_BYTE, 0, 0, MPI_COMM_WORLD);
    return {};
  }
  std::vector<Message> all(ranks);
  all[0] = mine;
  for (std::size_t rank = 1; rank < ranks; ++rank) {
    all[rank].resize(static_cast<std::size_t>(lengths[rank]));
    MPI_Recv(all[rank].data(), static_cast<int>(lengths[rank]), MPI_BYTE, static_cast<int>(rank), 0,
             MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  }
  return all;
}

int broadcast(int value) {
  MPI_Bcast(&value, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return value;
}

}  // namespace migbench::pingpong
