// What every rank of a job says of itself when it starts, and what a record keeps of it: the proof
// that compared runs ran the same program on the same processors.
//
// migbench-pin writes one line to standard error, "migbench-pin: {JSON}"; the harness takes these
// lines out again.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace migbench {

inline constexpr std::string_view kWitness = "migbench-pin: {";

struct Witness {
  int rank = 0;
  std::string host;
  std::string placement;       ///< the policy that was asked for
  std::vector<unsigned> cpus;  ///< where it may run, as it sees it itself (a guest: its vCPUs)
  std::string program;         ///< absolute
  std::string sha256;          ///< of the program's file, as it is there
};

[[nodiscard]] std::string witness_line(const Witness& witness);

/// The witnesses in a job's standard error, by rank; their lines are taken out of `text`.
[[nodiscard]] std::vector<Witness> take_witnesses(std::string& text);

/// "0-3,8" of {0, 1, 2, 3, 8}.
[[nodiscard]] std::string cpu_list(std::vector<unsigned> cpus);

/// {"placement", "complete": every rank has said something, "ranks": [{"rank", "host", "cpus":
/// "0-1", "machine_cpus", "program", "sha256"}]}. `machine_cpus` are the machine's processors
/// behind the rank's: its own, or those that a guest's are pinned to; null for a guest that is not
/// pinned.
///
/// `instances`: the record's, for each group of ranks one; `groups`: how many ranks each has.
[[nodiscard]] nlohmann::json evidence_of(const std::vector<Witness>& witnesses,
                                         const std::string& placement,
                                         const std::vector<int>& groups,
                                         const nlohmann::json& instances);

}  // namespace migbench
