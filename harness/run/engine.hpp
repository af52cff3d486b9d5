// Executes a run: rounds of trials until every cell is closed, each stored as soon as it is done.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/error.hpp"
#include "harness/run/progress.hpp"
#include "harness/run/run_directory.hpp"

namespace migbench {

struct RunSummary {
  std::size_t ok = 0, failed = 0, suspect = 0, unsupported = 0;  ///< trials, over all sessions
  bool interrupted = false;

  /// failed: at least one trial failed; nothing_could_run: every cell is unsupported.
  [[nodiscard]] ExitCode exit_code() const;
};

/// Goes on where the records in the directory end. Brings the site up only where there is something
/// to run. Throws InputError for a broken record or a bad setting, Error where the site does not
/// come up; the run can then be resumed.
RunSummary execute(RunDirectory& run, const std::vector<std::string>& argv, Progress& progress);

}  // namespace migbench
