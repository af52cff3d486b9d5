#include "harness/cli/command_line.hpp"

#include <functional>
#include <map>

#include <fmt/format.h>

#include "bench/version.hpp"
#include "harness/cli/subcommand.hpp"

namespace migbench {
namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 ok, 1 a trial or the command failed, 2 bad input (nothing ran),\n"
    "3 nothing could run here, 130 interrupted (what was finished is stored).\n"
    "'migbench help SUBCOMMAND' explains a subcommand with an example.";

using Action = std::function<ExitCode()>;

std::map<const CLI::App*, Action> add_subcommands(CLI::App& app, const CommandLine& line) {
  std::map<const CLI::App*, Action> actions;
  for (const auto* subcommand : Registry<Subcommand>::instance().all()) {
    auto* sub =
        app.add_subcommand(std::string(subcommand->name()), std::string(subcommand->summary()));
    sub->footer("Examples:\n" + std::string(subcommand->example()));
    actions[sub] = subcommand->define(*sub, line);
  }
  return actions;
}

}  // namespace

int run_command_line(const std::vector<std::string>& argv) {
  CLI::App app{"What it costs to be able to move an HPC job, and what moving it costs.",
               "migbench"};
  app.set_version_flag("--version", version_line("migbench"));
  app.require_subcommand(1);
  app.footer(kExitCodes);
  const CommandLine line{argv, &app};
  const auto actions = add_subcommands(app, line);
  try {
    // CLI11 takes them from the back.
    std::vector<std::string> arguments(argv.rbegin(), argv.rend() - 1);
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::bad_input);
  }
  return static_cast<int>(actions.at(app.get_subcommands().front())());
}

}  // namespace migbench
