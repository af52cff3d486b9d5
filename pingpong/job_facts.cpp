#include "pingpong/job_facts.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include "bench/host_facts.hpp"

namespace migbench::pingpong {
namespace {

using nlohmann::json;

/// Null where the kernel does not tell (more processors than CPU_SETSIZE).
json affinity() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return {};
  std::string list;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(static_cast<std::size_t>(cpu), &allowed)) continue;
    int last = cpu;
    while (last + 1 < CPU_SETSIZE && CPU_ISSET(static_cast<std::size_t>(last + 1), &allowed))
      ++last;
    list += list.empty() ? "" : ",";
    list += last > cpu ? fmt::format("{}-{}", cpu, last) : fmt::format("{}", cpu);
    cpu = last;
  }
  return list;
}

/// The variables that a user or a module file set, without those that the launcher gives every
/// process to find itself.
json chosen_environment() {
  constexpr std::array<std::string_view, 16> launcher{
      "OMPI_MCA_orte_", "OMPI_MCA_ess",       "OMPI_MCA_pmix",      "OMPI_MCA_initial_wdir",
      "OMPI_MCA_prte_", "OMPI_MCA_shmem_",    "OMPI_COMM_WORLD_",   "OMPI_FILE_LOCATION",
      "OMPI_FIRST_",    "OMPI_APP_CTX_",      "OMPI_NUM_APP_CTX",   "OMPI_ARGV",
      "OMPI_COMMAND",   "OMPI_UNIVERSE_SIZE", "OMPI_ALLOW_RUN_AS_", "PMIX_"};
  const json all = environment_that_matters();
  json chosen = json::object();
  for (const auto& [name, value] : all.items()) {
    if (std::none_of(launcher.begin(), launcher.end(),
                     [&, text = std::string_view(name)](std::string_view p) {
                       return text.substr(0, p.size()) == p;
                     })) {
      chosen[name] = value;
    }
  }
  return chosen;
}

std::string host_name() {
  std::array<char, 256> name{};
  // POSIX leaves it open whether a name that is cut ends with a null: the last byte stays one.
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string processor_name() {
  std::array<char, MPI_MAX_PROCESSOR_NAME + 1> name{};
  int length = 0;
  MPI_Get_processor_name(name.data(), &length);
  return {name.data(), static_cast<std::size_t>(length)};
}

std::string library_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING + 1> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  return text.data();
}

/// The first item: what follows are dates and addresses.
std::string first_item(const std::string& text) {
  return text.substr(0, text.find_first_of(",\n"));
}

}  // namespace

json job_facts(const Session& session, double clock_cost_ns) {
  const json mine = {{"rank", session.rank()},
                     {"hostname", host_name()},
                     {"processor", processor_name()},
                     {"affinity", affinity()},
                     {"clock_cost_ns", clock_cost_ns}};
  json ranks = json::array();
  for (const Message& message : gather(session, json::to_cbor(mine)))
    ranks.push_back(json::from_cbor(message));
  int version = 0;
  int subversion = 0;
  MPI_Get_version(&version, &subversion);
  return {{"library", first_item(library_version())},
          {"library_version", library_version()},
          {"standard", fmt::format("{}.{}", version, subversion)},
          {"size", session.size()},
          {"ranks", ranks},
          {"environment", chosen_environment()}};
}

}  // namespace migbench::pingpong
