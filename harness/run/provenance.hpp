// Where a record comes from: what a reader needs to believe it, or to repeat it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace migbench {

/// {"host": host_facts(), "version", "commit", "argv", "environment": environment_that_matters(),
/// "libraries": {"open_mpi", "criu", "libvirt", "qemu"} (the first line of what --version prints,
/// null where it is not installed), "boot_id"}. Takes some tenths of a second: once a session.
[[nodiscard]] nlohmann::json provenance(const std::vector<std::string>& argv);

/// SHA-256 of the programs that were run, by absolute path; files that cannot be read are left out.
class ExecutableHashes {
 public:
  [[nodiscard]] nlohmann::json of(const std::vector<std::string>& programs);

 private:
  std::map<std::string, std::string> known_;
};

}  // namespace migbench
