// An MPI that loses the last byte of every message of at least BROKEN_MPI_FROM bytes.
#include <cstddef>
#include <cstdlib>

#include <mpi.h>

namespace {

void lose_last_byte(void* buffer, int count, MPI_Datatype type) {
  static const int from = std::atoi(std::getenv("BROKEN_MPI_FROM"));
  if (type == MPI_BYTE && count >= from) {
    auto& last = static_cast<std::byte*>(buffer)[count - 1];
    last = ~last;
  }
}

}  // namespace

extern "C" int MPI_Recv(void* buffer, int count, MPI_Datatype type, int source, int tag,
                        MPI_Comm comm, MPI_Status* status) {
  const int code = PMPI_Recv(buffer, count, type, source, tag, comm, status);
  // Tag 1 is the measurement's; what the program tells itself stays whole.
  if (tag == 1) lose_last_byte(buffer, count, type);
  return code;
}
