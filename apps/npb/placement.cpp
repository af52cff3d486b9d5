#include "apps/npb/placement.hpp"

#include <array>
#include <string>

#include <sched.h>
#include <unistd.h>

namespace migbench::npb {

nlohmann::json placement() {
  std::array<char, 256> hostname{};
  (void)::gethostname(hostname.data(), hostname.size() - 1);
  nlohmann::json cpus = nullptr;
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    cpus = nlohmann::json::array();
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &allowed)) cpus.push_back(cpu);
  }
  return {{"hostname", std::string(hostname.data())},
          {"pid", ::getpid()},
          {"allowed_cpus", cpus},
          {"cpu", ::sched_getcpu()}};
}

}  // namespace migbench::npb
