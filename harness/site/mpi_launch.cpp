#include "harness/site/mpi_launch.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench {
namespace {

struct Transport {
  const char* name;
  std::vector<std::string> mca;  ///< name, value, name, value ...
};

/// Open MPI calls its shared-memory layer "vader" in version 4 and "sm" in version 5.
std::vector<std::string> transport_options(const MpiJob& job, const MpiLaunch& launch,
                                           const MpiVersion& version) {
  const std::string shared_memory = version.major >= 5 ? "sm" : "vader";
  std::vector<std::string> tcp{"pml", "ob1", "btl", "tcp,self"};
  if (!launch.network.empty()) {
    tcp.insert(tcp.end(), {"btl_tcp_if_include", launch.network});
  }
  if (job.transport == "tcp") return tcp;
  if (job.transport == "shm") {
    std::set<const Place*> places;
    for (const RankGroup& group : job.groups)
      places.insert(group.place);
    if (places.size() > 1)
      throw InputError("transport \"shm\" needs all ranks at one place, but there are " +
                       std::to_string(places.size()));
    return {"pml", "ob1", "btl", shared_memory + ",self"};
  }
  if (job.transport == "ofi") return {"pml", "cm", "mtl", "ofi"};
  if (job.transport == "verbs")
    return {"pml", "cm", "mtl", "ofi", "mtl_ofi_provider_include", "verbs;ofi_rxm"};
  if (job.transport == "ucx") return {"pml", "ucx"};
  if (job.transport != "auto")
    throw InputError(fmt::format(
        R"(transport '{}' is none of "auto", "tcp", "shm", "ofi", "ucx", "verbs")", job.transport));
  // All that can be chosen from is kept to the network of the site.
  return launch.network.empty() ? std::vector<std::string>{}
                                : std::vector<std::string>{"btl_tcp_if_include", launch.network};
}

/// "n1:2,n2:1". A place that comes twice gets the sum, since mpirun would count it so anyway.
std::string host_list(const MpiJob& job) {
  std::string list;
  for (const RankGroup& group : job.groups)
    list += fmt::format("{}{}:{}", list.empty() ? "" : ",", group.place->name(), group.ranks);
  return list;
}

/// The most ranks that share one machine's cores.
int most_ranks_on_a_machine(const MpiJob& job, const MpiLaunch& launch) {
  int all = 0, most = 0;
  std::map<const Place*, int> ranks;
  for (const RankGroup& group : job.groups) {
    all += group.ranks;
    most = std::max(most, ranks[group.place] += group.ranks);
  }
  return launch.shared_machine ? all : most;
}

/// libfabric's queues: by default they are made for hundreds of peers with more entries than a
/// soft-RoCE device has, and cost locked memory on any. What the user has set himself is left.
void add_verbs_limits(Command& command, int ranks) {
  const std::array<std::pair<const char*, std::string>, 3> limits{
      {{"FI_UNIVERSE_SIZE", std::to_string(ranks)},
       {"FI_OFI_RXM_MSG_TX_SIZE", "64"},
       {"FI_OFI_RXM_MSG_RX_SIZE", "64"}}};
  for (const auto& [name, value] : limits) {
    if (std::getenv(name) == nullptr)
      command.argv.insert(command.argv.end(), {"-x", fmt::format("{}={}", name, value)});
  }
}

}  // namespace

MpiVersion parse_mpi_version(const std::string& text) {
  const std::string line = text.substr(0, text.find('\n'));
  const std::string mark = "(Open MPI) ";
  const auto at = line.find(mark);
  if (at == std::string::npos || at + mark.size() >= line.size())
    throw Error(fmt::format("mpirun says '{}': only Open MPI's mpirun is supported", line));
  const int major = line[at + mark.size()] - '0';
  if (major < 4 || major > 9) throw Error(fmt::format("{}: Open MPI 4 or newer is needed", line));
  return {.text = line, .major = major};
}

const MpiVersion& mpi_version() {
  static const MpiVersion version = [] {
    const Finished finished = run({.argv = {"mpirun", "--version"}, .env = {}, .directory = {}},
                                  std::chrono::seconds(20));
    if (!finished.ok()) throw Error(describe(finished));
    return parse_mpi_version(finished.out);
  }();
  return version;
}

Command mpi_command_line(const MpiJob& job, const MpiLaunch& launch, const MpiVersion& version) {
  int ranks = 0;
  for (const RankGroup& group : job.groups) {
    if (group.place == nullptr || group.ranks < 1)
      throw InputError("an MPI job needs a place and at least one rank in each group");
    ranks += group.ranks;
  }
  if (ranks == 0) throw InputError("an MPI job needs at least one rank");
  const bool five = version.major >= 5;
  Command command;
  command.argv = {"mpirun",    "-n",  std::to_string(ranks), "--host", host_list(job),
                  "--bind-to", "none"};
  const auto mca = [&](const char* option, const std::string& name, const std::string& value) {
    command.argv.insert(command.argv.end(), {option, name, value});
  };
  // The runtime's own options moved from --mca to --prtemca (prte) and --pmixmca with version 5.
  if (five) {
    command.argv.insert(command.argv.end(), {"--map-by", "slot"});
    mca("--prtemca", "plm_ssh_agent", launch.agent);
    mca("--prtemca", "plm_ssh_no_tree_spawn", "1");
    if (!launch.network.empty()) mca("--prtemca", "prte_if_include", launch.network);
  } else {
    command.argv.insert(command.argv.end(), {"--map-by", "slot"});
    mca("--mca", "plm", "rsh");
    mca("--mca", "plm_rsh_agent", launch.agent);
    mca("--mca", "plm_rsh_no_tree_spawn", "1");
    if (!launch.network.empty()) mca("--mca", "oob_tcp_if_include", launch.network);
  }
  const auto options = transport_options(job, launch, version);
  // Given twice, Open MPI would take both values; what the user has set himself is left.
  for (std::size_t i = 0; i + 1 < options.size(); i += 2)
    if (std::find(job.mca.begin(), job.mca.end(), options[i]) == job.mca.end())
      mca("--mca", options[i], options[i + 1]);
  // Without it a rank that waits burns the core that the rank it waits for needs.
  if (launch.cores > 0 && most_ranks_on_a_machine(job, launch) > launch.cores)
    mca("--mca", "mpi_yield_when_idle", "1");
  if (job.transport == "verbs") add_verbs_limits(command, ranks);
  command.argv.insert(command.argv.end(), job.mca.begin(), job.mca.end());
  for (const auto& [name, value] : job.program.env)
    command.argv.insert(command.argv.end(), {"-x", fmt::format("{}={}", name, value)});
  if (!job.program.directory.empty())
    command.argv.insert(command.argv.end(), {"--wdir", job.program.directory.string()});
  command.argv.insert(command.argv.end(), job.program.argv.begin(), job.program.argv.end());
  command.env = {{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
                 {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
                 {"PRTE_ALLOW_RUN_AS_ROOT", "1"},
                 {"PRTE_ALLOW_RUN_AS_ROOT_CONFIRM", "1"}};
  return command;
}

}  // namespace migbench
