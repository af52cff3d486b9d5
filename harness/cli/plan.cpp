#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/table.hpp"
#include "harness/cli/cell_commands.hpp"
#include "harness/cli/plan_options.hpp"
#include "harness/cli/subcommand.hpp"

namespace migbench {
namespace {

using nlohmann::json;

std::string settings_text(const Cell& cell) {
  std::string text;
  for (const auto& [key, value] : cell.parameters.items())
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", key,
                        value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

json plan_document(const ChosenPlan& chosen) {
  json cells = json::array();
  for (const auto& cell : chosen.cells) {
    auto document = to_json(cell);
    document["commands"] = json::array();
    for (const auto& [role, place, line] : cell_commands(cell))
      document["commands"].push_back({{"role", role}, {"place", place}, {"line", line}});
    cells.push_back(document);
  }
  return {{"schema", "migbench-cells/1"}, {"plan", chosen.plan.text.document}, {"cells", cells}};
}

void print_plan(const ChosenPlan& chosen) {
  Table table({"cell", "technique", "moves", "trials", "parameters"});
  for (const auto& cell : chosen.cells) {
    const auto& often = cell.repetitions;
    table.add({cell.id, cell.control ? "none (control)" : cell.technique.value_or("none"),
               std::to_string(cell.migrations),
               often.fewest == often.most ? std::to_string(often.most)
                                          : fmt::format("{}..{}", often.fewest, often.most),
               settings_text(cell)});
  }
  fmt::print("{}\n{} cells on a site '{}'\n", table.text(), chosen.cells.size(),
             chosen.plan.site.at("kind").get<std::string>());
  for (const auto& cell : chosen.cells) {
    fmt::print("\n{}\n", cell.id);
    for (const auto& [role, place, line] : cell_commands(cell))
      fmt::print("  {} ({}): {}\n", role, place, line);
  }
}

class PlanCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "plan"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Checks a plan and shows its cells with the commands; runs nothing";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  migbench plan quick\n"
           "  migbench plan my.json --only 'technique=criu-*' --json";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& /*line*/) const override {
    struct Options {
      PlanOptions plan;
      bool as_json = false;
    };
    auto options = std::make_shared<Options>();
    options->plan.define(app);
    app.add_flag("--json", options->as_json, "one JSON document on standard output");
    return [options] {
      const auto chosen = choose_plan(options->plan);
      if (options->as_json) {
        fmt::print("{}\n", plan_document(chosen).dump(1));
      } else {
        print_plan(chosen);
      }
      return ExitCode::ok;
    };
  }
};
MIGBENCH_REGISTER(Subcommand, PlanCommand);

}  // namespace
}  // namespace migbench
