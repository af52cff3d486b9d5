#include "harness/workload/inside.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bench/error.hpp"
#include "harness/site/mpi_launch.hpp"
#include "harness/workload/parameter.hpp"

namespace migbench {
namespace {

/// All its files are in one directory, which is every process's working directory: so they are
/// known to belong to the job and go with it. The document goes through a file, too: CRIU may leave
/// a terminal, which mpirun gives its ranks as standard output, non-blocking when a dump is taken
/// back, and a long write then fails.
constexpr const char* kInside = R"(TMPDIR=$(mktemp -d) && cd "$TMPDIR" || exit 1
export TMPDIR
"$@" --json document.json && cat document.json
status=$?
cd /
rm -rf "$TMPDIR"
exit $status
)";

/// What the program would keep in the node's /tmp it keeps there.
void keep_files_together(std::vector<std::string>& words) {
  constexpr std::string_view kShared = "/tmp/";
  for (std::string& word : words)
    if (word.starts_with(kShared)) word.replace(0, kShared.size(), "./");
}

/// All its connections stay on loopback or in shared memory: the node's own address would not be
/// there after a move.
Job inside(Job job) {
  if (job.instances != 1)
    throw InputError("parameter \"instances\": with the launcher 'inside' it is 1");
  if (!job.placement.empty() && job.placement != "free")
    throw InputError("parameter \"placement\": with the launcher 'inside' it is free");
  const std::vector<std::string> document{"--json", "-"};
  auto& words = job.program.argv;
  const auto found = std::search(words.begin(), words.end(), document.begin(), document.end());
  if (found == words.end())
    throw InputError("parameter \"launcher\": only the built-in drivers can be launched 'inside'");
  words.erase(found, found + static_cast<std::ptrdiff_t>(document.size()));
  keep_files_together(words);
  const char* shared_memory = mpi_version().major >= 5 ? "sm,self" : "vader,self";
  std::vector<std::string> argv{"sh",
                                "-c",
                                kInside,
                                "sh",
                                "mpirun",
                                "-n",
                                fmt::format("{}", job.ranks),
                                "--bind-to",
                                "none",
                                "--oversubscribe",
                                "--mca",
                                "pml",
                                "ob1",
                                "--mca",
                                "btl",
                                shared_memory,
                                "--mca",
                                "oob_tcp_if_include",
                                "lo"};
  argv.insert(argv.end(), job.mca.begin(), job.mca.end());
  argv.insert(argv.end(), words.begin(), words.end());
  words = std::move(argv);
  job.program.env["OMPI_ALLOW_RUN_AS_ROOT"] = "1";
  job.program.env["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
  job.ranks = 0;
  job.placement.clear();  // mpirun places them, and the harness sees nothing of it
  return job;
}

}  // namespace

Job launched_as(const nlohmann::json& parameters, Job job) {
  const bool whole = one_of(parameters, "launcher", {"head", "inside"}) == "inside";
  return whole ? inside(std::move(job)) : job;
}

}  // namespace migbench
