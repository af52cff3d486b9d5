#include <memory>

#include <fmt/format.h>

#include "harness/cli/subcommand.hpp"
#include "harness/plan/suggest.hpp"

namespace migbench {
namespace {

class HelpCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "help"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Explains a subcommand, with an example";
  }
  [[nodiscard]] std::string_view example() const override { return "  migbench help run"; }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& line) const override {
    auto topic = std::make_shared<std::string>();
    app.add_option("subcommand", *topic, "what to explain; default: everything in short")
        ->type_name("SUBCOMMAND");
    return [topic, &line] {
      if (topic->empty()) {
        fmt::print("{}", line.root->help());
        return ExitCode::ok;
      }
      std::vector<std::string> known;
      for (const auto* sub : line.root->get_subcommands([](const CLI::App*) { return true; })) {
        if (sub->get_name() == *topic) {
          fmt::print("{}", sub->help("migbench"));
          return ExitCode::ok;
        }
        known.push_back(sub->get_name());
      }
      throw InputError(
          fmt::format("there is no subcommand '{}'{}", *topic, suggestion(*topic, known)));
    };
  }
};
MIGBENCH_REGISTER(Subcommand, HelpCommand);

}  // namespace
}  // namespace migbench
