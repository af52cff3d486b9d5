#include "harness/cli/finish_run.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/document.hpp"
#include "bench/program.hpp"
#include "harness/report/report.hpp"
#include "harness/run/engine.hpp"

namespace migbench {

ExitCode execute_and_report(RunDirectory& run, const std::vector<std::string>& argv, bool quiet) {
  catch_interrupts();
  RunSummary summary;
  {
    Progress progress(quiet ? Progress::Style::none : Progress::fitting_style());
    progress.note(fmt::format("run: {}", run.path().string()));
    summary = execute(run, argv, progress);
  }
  if (summary.interrupted)
    fmt::print(stderr, "interrupted; to go on: migbench resume {}\n", run.path().string());
  const auto report = make_report(run.path());
  const auto path = run.path() / "report.json";
  write_json(path, report);
  const auto& table = Registry<ReportFormat>::instance().at("terminal", "report format");
  fmt::print("{}\nreport: {}\n", table.render(report, {.colours = use_colours(STDOUT_FILENO)}),
             path.string());
  std::fflush(stdout);
  return summary.exit_code();
}

std::filesystem::path newest_run(const std::filesystem::path& root) {
  namespace fs = std::filesystem;
  fs::path newest;
  std::error_code ignored;
  // Their names begin with the time at which they began.
  for (const auto& entry : fs::directory_iterator(root, ignored))
    if (fs::is_regular_file(entry.path() / "run.json") &&
        entry.path().filename() > newest.filename())
      newest = entry.path();
  if (newest.empty())
    throw InputError(fmt::format("there is no run in {}: give the directory of one",
                                 fs::absolute(root).string()));
  return newest;
}

}  // namespace migbench
