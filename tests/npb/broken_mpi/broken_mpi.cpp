// An MPI whose sums are wrong by one part in 100,000 (integers: by one): every kernel has to
// notice.
#include <cstdint>

#include <mpi.h>

extern "C" int MPI_Allreduce(const void* send, void* receive, int count, MPI_Datatype type,
                             MPI_Op operation, MPI_Comm comm) {
  const int status = PMPI_Allreduce(send, receive, count, type, operation, comm);
  if (count > 0 && type == MPI_DOUBLE) static_cast<double*>(receive)[0] *= 1.00001;
  if (count > 0 && type == MPI_INT64_T && operation == MPI_MAX)
    static_cast<std::int64_t*>(receive)[0] += 1;
  return status;
}
