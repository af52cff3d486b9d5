#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/cli/subcommand.hpp"

namespace migbench {
namespace {

std::vector<const CLI::App*> subcommands(const CommandLine& line) {
  const CLI::App& root = *line.root;
  return root.get_subcommands([](const CLI::App*) { return true; });
}

/// What may follow a subcommand: its own subcommands and its long options.
std::vector<std::string> words_of(const CLI::App& app) {
  std::vector<std::string> words;
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    words.push_back(sub->get_name());
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames())
      words.push_back("--" + name);
  return words;
}

/// Words that the program itself knows better than a script does: asked for when they are needed.
std::string_view dynamic_words(std::string_view subcommand) {
  if (subcommand == "run" || subcommand == "plan")
    return R"sh($(migbench list plans --json 2>/dev/null | sed -n 's/.*"name": "\([^"]*\)".*/\1/p'))sh";
  if (subcommand == "list") return "environments formats plans sites techniques workloads";
  return "";
}

std::string bash(const CommandLine& line) {
  std::vector<std::string> names;
  std::string cases;
  for (const auto* sub : subcommands(line)) {
    names.push_back(sub->get_name());
    const auto more = sub->get_name() == "help" ? "$subcommands" : dynamic_words(sub->get_name());
    cases += fmt::format("    {}) words=\"{} {}\" ;;\n", sub->get_name(),
                         fmt::join(words_of(*sub), " "), more);
  }
  return fmt::format(
      "# bash completion of migbench; to use it: source <(migbench completion bash)\n"
      "_migbench() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} words\n"
      "  local subcommands=\"{}\"\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$subcommands --help --version\" -- \"$current\")\n"
      "    return\n"
      "  fi\n"
      "  case ${{COMP_WORDS[1]}} in\n{}    *) words= ;;\n"
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\"; compgen -f -- "
      "\"$current\")\n"
      "}}\n"
      "complete -o filenames -F _migbench migbench\n",
      fmt::join(names, " "), cases);
}

/// Quoted for zsh's _describe, in which ':' ends the name.
std::string described(const CLI::App& app) {
  std::string text = app.get_description();
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4)
    text.replace(at, 1, "'\\''");
  return fmt::format("'{}:{}'", app.get_name(), text);
}

std::string zsh(const CommandLine& line) {
  std::vector<std::string> names;
  std::string cases;
  for (const auto* sub : subcommands(line)) {
    names.push_back(described(*sub));
    cases += fmt::format("    {}) choices=({} {}) ;;\n", sub->get_name(),
                         fmt::join(words_of(*sub), " "), dynamic_words(sub->get_name()));
  }
  return fmt::format(
      "#compdef migbench\n"
      "# zsh completion of migbench: put it as _migbench into a directory of $fpath\n"
      "_migbench() {{\n"
      "  local -a subcommands choices\n"
      "  subcommands=(\n    {}\n  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe subcommand subcommands\n"
      "    return\n"
      "  fi\n"
      "  case $words[2] in\n{}    *) choices=() ;;\n"
      "  esac\n"
      "  compadd -a choices\n"
      "  _files\n"
      "}}\n"
      "compdef _migbench migbench\n",
      fmt::join(names, "\n    "), cases);
}

class CompletionCommand : public Subcommand {
 public:
  [[nodiscard]] std::string_view name() const override { return "completion"; }
  [[nodiscard]] std::string_view summary() const override {
    return "Prints the completion script of a shell";
  }
  [[nodiscard]] std::string_view example() const override {
    return "  source <(migbench completion bash)\n"
           "  migbench completion zsh > ~/.zfunc/_migbench";
  }
  [[nodiscard]] std::function<ExitCode()> define(CLI::App& app,
                                                 const CommandLine& line) const override {
    auto shell = std::make_shared<std::string>();
    app.add_option("shell", *shell, "which shell")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh"}))
        ->type_name("SHELL");
    return [shell, &line] {
      fmt::print("{}", *shell == "bash" ? bash(line) : zsh(line));
      return ExitCode::ok;
    };
  }
};
MIGBENCH_REGISTER(Subcommand, CompletionCommand);

}  // namespace
}  // namespace migbench
