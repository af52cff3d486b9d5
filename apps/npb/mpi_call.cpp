#include "apps/npb/mpi_call.hpp"

#include <numeric>
#include <utility>

namespace migbench::npb {

MpiSession::MpiSession(int* argc, char*** argv) {
  MPI_Init(argc, argv);
}

MpiSession::~MpiSession() {
  MPI_Finalize();
}

Communicator::Communicator(MPI_Comm from, int colour, int key) {
  MPI_Comm_split(from, colour, key, &comm_);
}

Communicator::Communicator(Communicator&& other) noexcept
    : comm_(std::exchange(other.comm_, MPI_COMM_NULL)) {}

Communicator::~Communicator() {
  if (comm_ != MPI_COMM_NULL) MPI_Comm_free(&comm_);
}

std::vector<std::string> gather_texts(const std::string& own, MPI_Comm comm) {
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  const int length = static_cast<int>(own.size());
  std::vector<int> lengths(rank == 0 ? static_cast<std::size_t>(ranks) : 0);
  MPI_Gather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, 0, comm);

  std::vector<int> starts(lengths.size());
  std::exclusive_scan(lengths.begin(), lengths.end(), starts.begin(), 0);
  std::string all(rank == 0 ? static_cast<std::size_t>(starts.back() + lengths.back()) : 0, '\0');
  MPI_Gatherv(own.data(), length, MPI_CHAR, all.data(), lengths.data(), starts.data(), MPI_CHAR, 0,
              comm);
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < lengths.size(); ++at)
    texts.push_back(
        all.substr(static_cast<std::size_t>(starts[at]), static_cast<std::size_t>(lengths[at])));
  return texts;
}

double sum_over_ranks(double value, MPI_Comm comm) {
  double total = 0;
  MPI_Allreduce(&value, &total, 1, MPI_DOUBLE, MPI_SUM, comm);
  return total;
}

bool true_everywhere(bool value, MPI_Comm comm) {
  const int own = value ? 1 : 0;
  int all = 0;
  MPI_Allreduce(&own, &all, 1, MPI_INT, MPI_MIN, comm);
  return all == 1;
}

}  // namespace migbench::npb
