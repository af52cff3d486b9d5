#include "harness/run/provenance.hpp"

#include <filesystem>
#include <fstream>
#include <utility>

#include <unistd.h>

#include "bench/error.hpp"
#include "bench/host_facts.hpp"
#include "bench/sha256.hpp"
#include "bench/version.hpp"
#include "harness/programs.hpp"
#include "harness/site/process.hpp"

namespace migbench {
namespace {

using nlohmann::json;

json first_line_of(const std::string& program) {
  const auto path = look_for_program(program);
  if (path.empty()) return nullptr;
  try {
    const auto finished = run({{path.string(), "--version"}}, std::chrono::seconds{5});
    const auto line = finished.out.substr(0, finished.out.find('\n'));
    return finished.ok() && !line.empty() ? json(line) : json();
  } catch (const Error&) {
    return nullptr;
  }
}

}  // namespace

json provenance(const std::vector<std::string>& argv) {
  std::string boot;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
  return {{"host", host_facts()},
          {"version", version()},
          {"commit", commit()},
          {"argv", argv},
          {"environment", environment_that_matters()},
          {"libraries",
           {{"open_mpi", first_line_of("mpirun")},
            {"criu", first_line_of("criu")},
            {"libvirt", first_line_of("libvirtd")},
            {"qemu", first_line_of("qemu-system-x86_64")}}},
          {"boot_id", boot.empty() ? json() : json(boot)}};
}

json ExecutableHashes::of(const std::vector<std::string>& programs) {
  json hashes = json::object();
  for (const auto& program : programs) {
    if (program.empty() || program.front() != '/') continue;
    if (known_.count(program) == 0) {
      std::error_code ignored;
      known_[program] = std::filesystem::is_regular_file(program, ignored) &&
                                ::access(program.c_str(), R_OK | X_OK) == 0
                            ? sha256_of_file(program)
                            : "";
    }
    if (!known_[program].empty()) hashes[program] = known_[program];
  }
  return hashes;
}

}  // namespace migbench
