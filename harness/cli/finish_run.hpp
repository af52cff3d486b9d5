// What `run` and `resume` share: executing, the report, and the last words.
#pragma once

#include <string>
#include <vector>

#include "bench/error.hpp"
#include "harness/run/run_directory.hpp"

namespace migbench {

/// Executes what is left of the run, writes report.json, prints the table on standard output and
/// as its last line "report: PATH".
[[nodiscard]] ExitCode execute_and_report(RunDirectory& run, const std::vector<std::string>& argv,
                                          bool quiet);

/// The newest run below `root`. Throws InputError where there is none.
[[nodiscard]] std::filesystem::path newest_run(const std::filesystem::path& root);

}  // namespace migbench
