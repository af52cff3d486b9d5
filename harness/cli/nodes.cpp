#include <cstdlib>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "harness/cli/forward.hpp"
#include "harness/cli/subcommand.hpp"
#include "harness/site/named_site.hpp"

namespace migbench {
namespace {

using nlohmann::json;

struct NodesOptions {
  std::string name = "default";
  int nodes = 2;
  std::string place;
  std::vector<std::string> command;
  bool as_json = false;
};

void print_site(const NamedSite& site) {
  fmt::print("{}: {} (in {})\n", site.name, fmt::join(site.places, ", "), site.directory.string());
}

ExitCode up(const NodesOptions& options) {
  const auto& kind = Registry<SiteKind>::instance().at("local", "kind of site");
  const json settings{{"kind", "local"}, {"nodes", options.nodes}};
  if (const auto no = kind.check(settings)) {
    fmt::print(stderr, "migbench: {}; {}\n", no->reason, no->remedy);
    return ExitCode::nothing_could_run;
  }
  const auto site = bring_up_named(options.name, settings);
  if (options.as_json) {
    fmt::print("{}\n", site.facts.dump(1));
  } else {
    print_site(site);
  }
  return ExitCode::ok;
}

ExitCode show_all(bool as_json) {
  json list = json::array();
  for (const auto& site : named_sites()) {
    list.push_back(site.facts);
    if (!as_json) print_site(site);
  }
  if (as_json) fmt::print("{}\n", list.dump(1));
  return ExitCode::ok;
}

/// Becomes the command, so that streams, signals and exit status are its own.
ExitCode exec(const NodesOptions& options) {
  const auto command = enter_named(options.name, options.place, {options.command});
  for (const auto& [key, value] : command.env)
    ::setenv(key.c_str(), value.c_str(), 1);
  return become(command.argv.front(), {command.argv.begin() + 1, command.argv.end()});
}

class NodesCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "nodes"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Virtual nodes for working by hand: up, list, exec, down";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench nodes up --nodes 3\n"
           "  migbench nodes exec n1 -- ip address\n"
           "  migbench nodes down";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& /*line*/) const override {
    auto options = std::make_shared<NodesOptions>();
    app.require_subcommand(1);
    const auto with_name = [&](CLI::App* sub) {
      sub->add_option("--name", options->name, "of the site, where several are up")
          ->capture_default_str();
      return sub;
    };
    auto* up_app = with_name(app.add_subcommand("up", "Makes virtual nodes that stay up"));
    up_app->add_option("--nodes", options->nodes, "how many")
        ->check(CLI::Range(2, 16))
        ->capture_default_str();
    up_app->add_flag("--json", options->as_json, "one JSON document on standard output");
    auto* list_app = app.add_subcommand("list", "Shows those that are up");
    list_app->add_flag("--json", options->as_json, "one JSON document on standard output");
    auto* exec_app = with_name(app.add_subcommand("exec", "Runs a command on a node"));
    exec_app->add_option("node", options->place, "n1, n2 ... or head")->required();
    exec_app->add_option("command", options->command, "behind --, so that its options are its own")
        ->required()
        ->type_name("-- COMMAND ARGS...");
    auto* down_app = with_name(app.add_subcommand("down", "Takes them down"));
    return [=] {
      if (up_app->parsed()) return up(*options);
      if (list_app->parsed()) return show_all(options->as_json);
      if (exec_app->parsed()) return exec(*options);
      if (down_app->parsed()) take_down_named(options->name);
      return ExitCode::ok;
    };
  }
};
MIGBENCH_REGISTER(Subcommand, NodesCommand);

}  // namespace
}  // namespace migbench
