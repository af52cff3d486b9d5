#include "udp_downtime/trace.hpp"

#include <sys/mman.h>

#include "bench/error.hpp"

namespace migbench::udp {

TraceStore::TraceStore(std::size_t capacity) : capacity_(capacity) {
  void* memory = ::mmap(nullptr, capacity * sizeof(PacketTimes), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    throw system_error("cannot reserve memory for the trace",
                       "ask for a shorter run or a longer interval");
  packets_ = static_cast<PacketTimes*>(memory);  // zeroed pages are packets of value 0
}

TraceStore::~TraceStore() {
  ::munmap(packets_, capacity_ * sizeof(PacketTimes));
}

}  // namespace migbench::udp
