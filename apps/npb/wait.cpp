#include "apps/npb/wait.hpp"

#include <array>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include <sched.h>
#include <sys/prctl.h>

namespace migbench::npb {
namespace {

// Giving way costs a microsecond; a sleep of that little takes some five to ten with a fine timer.
constexpr int kLooks = 20;
constexpr timespec kSleep{0, 5'000};
constexpr unsigned long kTimerSlackNs = 1'000;

bool shared = false;

int node_ranks(MPI_Comm comm) {
  MPI_Comm node = MPI_COMM_NULL;
  int count = 1;
  MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  MPI_Comm_size(node, &count);
  MPI_Comm_free(&node);
  return count;
}

/// The launcher says so where several "nodes" are one machine, which MPI cannot see.
bool launcher_says_shared() {
  const char* yields = std::getenv("OMPI_MCA_mpi_yield_when_idle");
  return yields != nullptr && std::string_view(yields) == "1";
}

}  // namespace

void prepare_waiting(MPI_Comm comm) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  const bool known = ::sched_getaffinity(0, sizeof allowed, &allowed) == 0;
  const int ranks = node_ranks(comm);
  shared = launcher_says_shared() || (known && ranks > CPU_COUNT(&allowed));
  if (shared) ::prctl(PR_SET_TIMERSLACK, kTimerSlackNs);
}

bool processors_are_shared() {
  return shared;
}

void wait_all(std::span<MPI_Request> requests) {
  const int count = static_cast<int>(requests.size());
  if (!shared) {
    MPI_Waitall(count, requests.data(), MPI_STATUSES_IGNORE);
    return;
  }
  for (int look = 0;; ++look) {
    int done = 0;
    MPI_Testall(count, requests.data(), &done, MPI_STATUSES_IGNORE);
    if (done != 0) return;
    if (look < kLooks)
      ::sched_yield();
    else
      ::nanosleep(&kSleep, nullptr);
  }
}

void exchange(const void* sent, const Message& out, void* received, const Message& in,
              MPI_Comm comm) {
  std::array<MPI_Request, 2> requests{};
  MPI_Irecv(received, in.count, MPI_DOUBLE, in.peer, in.tag, comm, requests.data());
  MPI_Isend(sent, out.count, MPI_DOUBLE, out.peer, out.tag, comm, &requests[1]);
  wait_all(requests);
}

void all_to_all(const void* sent, void* received, int count, MPI_Comm comm) {
  if (!shared) {
    MPI_Alltoall(sent, count, MPI_DOUBLE, received, count, MPI_DOUBLE, comm);
    return;
  }
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ialltoall(sent, count, MPI_DOUBLE, received, count, MPI_DOUBLE, comm, &request);
  wait_all({&request, 1});
}

void receive(void* received, const Message& in, MPI_Comm comm) {
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Irecv(received, in.count, MPI_DOUBLE, in.peer, in.tag, comm, &request);
  wait_all({&request, 1});
}

}  // namespace migbench::npb
