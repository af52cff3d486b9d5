#include "harness/report/report.hpp"

#include <memory>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench/document.hpp"
#include "bench/program.hpp"
#include "harness/cli/finish_run.hpp"
#include "harness/cli/subcommand.hpp"

namespace migbench {
namespace {

namespace fs = std::filesystem;

struct ReportWishes {
  std::string run;
  std::string format = "terminal";
  std::string output = "-";
  std::string baseline;
  std::optional<double> margin;
  bool as_json = false;
  bool all = false;
};

ReportOptions report_options(const ReportWishes& options) {
  ReportOptions result;
  result.margin = options.margin;
  if (options.baseline.empty()) return result;
  const auto colon = options.baseline.find(':');
  result.baseline = options.baseline.substr(0, colon);
  if (colon != std::string::npos) result.baseline_technique = options.baseline.substr(colon + 1);
  return result;
}

RenderOptions terminal_options() {
  RenderOptions render{.colours = use_colours(STDOUT_FILENO)};
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
    render.width = size.ws_col;
  return render;
}

void write_all(const fs::path& run, const nlohmann::json& report) {
  write_json(run / "report.json", report);
  fmt::print("{}\n", (run / "report.json").string());
  for (const auto* format : Registry<ReportFormat>::instance().all()) {
    const auto file = run / format->file_name();
    if (file.filename() == "report.json") continue;
    write_text(file, format->render(report));
    fmt::print("{}\n", file.string());
  }
}

ExitCode report(const ReportWishes& options) {
  const fs::path run = options.run.empty() ? newest_run("runs") : fs::path(options.run);
  // Asked for first: a mistyped name shall not cost the time of a bootstrap.
  const auto& format = Registry<ReportFormat>::instance().at(options.format, "report format");
  const auto made = make_report(run, report_options(options));
  if (options.all) {
    write_all(run, made);
    return ExitCode::ok;
  }
  if (options.output == "-") {
    fmt::print("{}",
               options.as_json ? made.dump(1) + "\n" : format.render(made, terminal_options()));
  } else {
    write_text(options.output, options.as_json ? made.dump(1) + "\n" : format.render(made));
  }
  return ExitCode::ok;
}

class ReportCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "report"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Makes the report of a run, from its stored records only";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench report runs/20261122-120000-quick\n"
           "  migbench report RUN --format markdown --output comparison.md\n"
           "  migbench report RUN --baseline container --margin 0.02 --json";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& /*line*/) const override {
    auto options = std::make_shared<ReportWishes>();
    std::vector<std::string> formats;
    for (const auto* format : Registry<ReportFormat>::instance().all())
      formats.emplace_back(format->name());
    app.add_option("run", options->run, "the run's directory; default: the newest in runs/")
        ->type_name("RUN");
    auto* format = app.add_option("--format", options->format, "how it is shown")
                       ->check(CLI::IsMember(formats))
                       ->capture_default_str();
    app.add_option("--output", options->output, "where it is written; -: standard output")
        ->type_name("FILE|-")
        ->capture_default_str();
    app.add_option("--baseline", options->baseline,
                   "compare with this environment; default: as the plan says")
        ->type_name("ENVIRONMENT[:TECHNIQUE]");
    app.add_option("--margin", options->margin,
                   "differences up to this share count as the same; default: as the plan says")
        ->check(CLI::PositiveNumber)
        ->type_name("SHARE");
    app.add_flag("--json", options->as_json, "the report's JSON document")->excludes(format);
    app.add_flag("--all", options->all, "every format as a file in the run's directory")
        ->excludes(format);
    return [options] { return report(*options); };
  }
};
MIGBENCH_REGISTER(Subcommand, ReportCommand);

}  // namespace
}  // namespace migbench
